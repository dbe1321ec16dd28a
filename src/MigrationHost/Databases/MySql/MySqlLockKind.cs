namespace MigrationHost.Databases.MySql;

/// <summary>What a metadata lock is on.</summary>
internal enum MySqlLockKind
{
    /// <summary>A table or view.</summary>
    Table,

    /// <summary>A database.</summary>
    Schema,

    /// <summary>All tables of the server: FLUSH TABLES WITH READ LOCK, a backup.</summary>
    Global,

    /// <summary>Something else: a routine, a lock of GET_LOCK.</summary>
    Other,
}
