namespace MigrationHost.Databases.PostgreSql;

/// <summary>A lock that our work waits for, or was refused.</summary>
/// <param name="Kind">pg_locks.locktype.</param>
/// <param name="Mode">The mode it wants.</param>
/// <param name="Relation">The relation's oid; null where it is no relation's lock.</param>
/// <param name="Resource">What is locked, in words.</param>
internal sealed record PostgreSqlLockWait(string Kind, string Mode, uint? Relation, string Resource)
{
    public override string ToString() => $"{Mode} on {Resource}";

    /// <summary>A read that was refused: only an exclusive lock can have done it.</summary>
    public static PostgreSqlLockWait ToRead(string table) => new("relation", "AccessShareLock", null, table);
}
