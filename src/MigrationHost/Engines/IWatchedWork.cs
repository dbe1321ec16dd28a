namespace MigrationHost.Engines;

/// <summary>Work that knows by itself how far it may go, such as an external tool: the watch asks it at every tick.</summary>
internal interface IWatchedWork
{
    /// <summary>What is waited for while it works, and the evidence that it goes on; null while there is nothing to say.</summary>
    WaitStatus? WaitingFor { get; }

    /// <summary>The migration it works on, where it knows better than the watch; else null.</summary>
    RunningMigration? Running => null;

    /// <summary>How long after a cancel it may take to let go.</summary>
    TimeSpan ToLetGo { get; }

    /// <summary>Looks at the work, on the watchdog's thread, without ever waiting.</summary>
    /// <returns>Why it is to be ended; null while it may go on.</returns>
    MigrationError? Look();
}
