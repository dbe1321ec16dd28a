namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The locks of SQLite that can hold others up, from weakest to strongest. <see href="https://www.sqlite.org/lockingv3.html"/>,
/// <see href="https://www.sqlite.org/walformat.html#wal_locks"/>
/// </summary>
internal enum SqliteLockKind
{
    /// <summary>
    /// Connected in WAL mode: holds up nobody but those who need the file for themselves, to change its journal mode for one.
    /// </summary>
    Connected,

    /// <summary>A read transaction in WAL mode: holds up nobody but checkpoints that want to reset the log.</summary>
    WalRead,

    /// <summary>A read transaction in rollback mode: holds up every commit.</summary>
    Shared,

    /// <summary>A checkpoint is being made.</summary>
    WalCheckpoint,

    /// <summary>The write transaction in WAL mode: holds up every other writer.</summary>
    WalWrite,

    /// <summary>The write transaction in rollback mode: holds up every other writer.</summary>
    Reserved,

    /// <summary>A commit that waits for readers: holds up every new reader and writer.</summary>
    Pending,

    /// <summary>The log is being begun anew: holds up new readers, and writers.</summary>
    WalReset,

    /// <summary>The log's index is being rebuilt: holds up everybody.</summary>
    WalRecovery,

    /// <summary>The whole file: holds up everybody.</summary>
    Exclusive,
}
