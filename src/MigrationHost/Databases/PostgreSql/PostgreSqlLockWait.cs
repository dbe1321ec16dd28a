namespace MigrationHost.Databases.PostgreSql;

/// <summary>A lock that our work waits for, or was refused.</summary>
/// <param name="Kind">pg_locks.locktype.</param>
/// <param name="Mode">The mode it wants.</param>
/// <param name="Relation">The relation's oid; null where it is no relation's lock.</param>
/// <param name="Resource">What is locked, in words.</param>
internal sealed record PostgreSqlLockWait(string Kind, string Mode, uint? Relation, string Resource)
{
    /// <summary>Whom it waited for when it was last seen to wait: pg_blocking_pids.</summary>
    public IReadOnlyList<int> BlockedBy { get; init; } = [];

    /// <summary>The number of the statement that waited; 0 for one that is not the script's.</summary>
    public int Statement { get; init; }

    /// <summary>When that was, by the server's clock (UTC).</summary>
    public DateTime? SeenAt { get; init; }

    public override string ToString() => $"{Mode} on {Resource}";

    /// <summary>A read that was refused: only an exclusive lock can have done it.</summary>
    public static PostgreSqlLockWait ToRead(string what, uint? relation) => new("relation", "AccessShareLock", relation, what);
}
