namespace MigrationHost.Databases;

/// <summary>How the run of a script ended, short of an error.</summary>
internal enum ScriptResult
{
    /// <summary>Every statement was executed.</summary>
    Done,

    /// <summary>Another lock was in the way; the transaction must be rolled back and begun again after a pause.</summary>
    LockNotGranted,

    /// <summary>The transaction must be rolled back and begun again at once.</summary>
    StartOver,
}
