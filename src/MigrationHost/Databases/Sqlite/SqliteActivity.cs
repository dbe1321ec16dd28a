namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// What one of our sessions holds or was last refused: the diagnosis reads it to tell our own locks from a leak in this
/// process, and to see who is in the way of what.
/// </summary>
internal enum SqliteActivity
{
    /// <summary>It holds nothing and waits for nothing.</summary>
    Idle,

    /// <summary>It was refused to read.</summary>
    WaitsToRead,

    /// <summary>It was refused the turn. It has no connection to the file meanwhile.</summary>
    WaitsForTurn,

    /// <summary>It was refused the write lock.</summary>
    WaitsToWrite,

    /// <summary>It has the write lock, and nothing was refused.</summary>
    Writes,

    /// <summary>It has the write lock and was refused to write to the file, at the commit or before.</summary>
    WaitsToCommit,

    /// <summary>It was refused to commit or to vacuum, has rolled back and holds nothing until its next attempt.</summary>
    GaveWay,

    /// <summary>A VACUUM was refused: in rollback mode it needs the file for itself.</summary>
    WaitsToVacuum,

    /// <summary>A checkpoint was refused.</summary>
    WaitsToCheckpoint,

    /// <summary>A change of the journal mode was refused: it needs to be the only connection.</summary>
    WaitsForAll,
}
