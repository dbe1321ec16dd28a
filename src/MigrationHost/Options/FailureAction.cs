namespace MigrationHost;

/// <summary>What the host does when a run fails.</summary>
public enum FailureAction
{
    /// <summary>Stay up, unready, and try again every <see cref="MigrationHostOptions.RetryInterval"/> what can heal by itself.</summary>
    StayUnready,

    /// <summary>Stop the host; the process ends with the failure's exit code.</summary>
    StopHost,
}
