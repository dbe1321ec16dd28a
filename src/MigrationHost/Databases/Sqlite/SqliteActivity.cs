namespace MigrationHost.Databases.Sqlite;

/// <summary>What one of our sessions holds or was last refused: the diagnosis reads it, so that it can tell our own locks from a leak in this process.</summary>
internal enum SqliteActivity
{
    /// <summary>It holds nothing and waits for nothing.</summary>
    Idle,

    /// <summary>It was refused to read: somebody has the file exclusively.</summary>
    WaitsToRead,

    /// <summary>It was refused the turn: another instance of ours has it.</summary>
    WaitsForTurn,

    /// <summary>It was refused the write lock.</summary>
    WaitsToWrite,

    /// <summary>It has the write lock.</summary>
    Writes,

    /// <summary>It has the write lock and was refused to commit: somebody reads.</summary>
    WaitsToCommit,

    /// <summary>It was refused to commit, has rolled back and holds nothing: readers come in until its next attempt.</summary>
    GaveWay,

    /// <summary>A statement that needs the file for itself (VACUUM, a change of the journal mode) was refused.</summary>
    WaitsForAll,
}
