namespace MigrationHost.Databases;

/// <summary>How an attempt at one statement of a script ended.</summary>
internal enum StatementResult
{
    /// <summary>It is done, and recorded if that was asked for.</summary>
    Done,

    /// <summary>Another lock was in the way; it must be tried again after a pause.</summary>
    LockNotGranted,

    /// <summary>The same, and it is known that none of it is done.</summary>
    NothingDone,

    /// <summary>The history is not what it was: it has to be read again.</summary>
    StartOver,

    /// <summary>It turned out that it cannot run in a transaction. None of it is done.</summary>
    NeedsNoTransaction,
}
