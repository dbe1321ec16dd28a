namespace MigrationHost.Platform;

/// <summary>What is known of the holder of a lock.</summary>
internal enum LockConflictKind
{
    /// <summary>No other process has a lock there.</summary>
    Nobody,

    /// <summary>A process that can be seen from here.</summary>
    Process,

    /// <summary>A process of another PID namespace.</summary>
    Hidden,

    /// <summary>An open file rather than a process (F_OFD_SETLK): the kernel does not record whose.</summary>
    OpenFile,
}
