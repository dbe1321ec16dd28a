namespace MigrationHost.Databases.PostgreSql;

/// <summary>A lock that our work waits for, or was refused.</summary>
/// <param name="Kind">pg_locks.locktype.</param>
/// <param name="Mode">The mode it wants.</param>
/// <param name="Tag">What is locked: <see cref="ServerLock.Tag"/>; null if only the relation is known.</param>
/// <param name="Relation">The relation's oid; null if it is not a relation's lock, or not known.</param>
/// <param name="What">What is waited for, in words.</param>
internal sealed record PostgreSqlLockWait(string Kind, string Mode, string? Tag, uint? Relation, string What)
{
    /// <summary>The number of the statement that waited; 0 for one that is not the script's.</summary>
    public int Statement { get; init; }

    /// <summary>The backends that are in the way: <see cref="ServerLock.BlockedBy"/>.</summary>
    public IReadOnlyList<int> BlockedBy { get; init; } = [];

    /// <summary><see cref="ServerLock.RowOf"/></summary>
    public string? RowOf { get; init; }

    /// <summary>For how long it had waited when it was seen, if the server reports it.</summary>
    public TimeSpan Waited { get; init; }

    public static PostgreSqlLockWait For(ServerLock wanted) => new(wanted.Kind, wanted.Mode, wanted.Tag, wanted.Relation, wanted.Wanted)
    {
        BlockedBy = wanted.BlockedBy,
        RowOf = wanted.RowOf,
        Waited = TimeSpan.FromMilliseconds(wanted.WaitsForMs ?? 0),
    };

    /// <summary>A commit that is done here and waits until a standby has it too.</summary>
    public static PostgreSqlLockWait ForStandby { get; } =
        new("syncrep", "", "syncrep", null, "a synchronous standby to confirm the commit (synchronous_standby_names)");

    /// <summary>A read that was refused: only an exclusive lock can have done it.</summary>
    /// <param name="what">What was to be read.</param>
    /// <param name="relation">Its oid; null if it was the server's own catalogs.</param>
    public static PostgreSqlLockWait ToRead(string what, uint? relation) =>
        new("relation", LockModes.AccessShare, null, relation, $"{LockModes.AccessShare} on {what}");
}
