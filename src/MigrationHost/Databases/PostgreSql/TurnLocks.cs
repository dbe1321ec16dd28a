namespace MigrationHost.Databases.PostgreSql;

/// <summary>Which of the server's advisory locks are the turn of MigrationHost, and who has it.</summary>
internal sealed class TurnLocks
{
    /// <summary>What the turn is called among the modes of locks.</summary>
    public const string Mode = "TURN";

    private readonly LockSnapshot _snapshot;
    private readonly long[] _keys;
    private readonly IReadOnlyList<long> _tools;

    /// <param name="snapshot">What the server shows.</param>
    /// <param name="history">The history that the turn is for; null if its place is not known.</param>
    public TurnLocks(LockSnapshot snapshot, PostgreSqlHistory? history)
    {
        _snapshot = snapshot;
        _tools = history?.ToolLocks ?? [];
        _keys = history is not null && PostgreSqlSide.Key(history) is var key ? [key, key + 1] : [];
    }

    public bool Include(ServerLock held) =>
        held.Key is { } key && (_keys.Contains(key) || _tools.Contains(key) || _snapshot.Find(held.Owner)?.IsMigrationHost == true);

    /// <summary>Who has the turn of this history: an instance's session that works, rather than the one at its side.</summary>
    public IEnumerable<(ServerBackend Backend, ServerLock Held)> Holders() =>
        from held in _snapshot.Locks
        where held is { Granted: true, IsHere: true, Key: not null } && (_keys.Contains(held.Key.Value) || _tools.Contains(held.Key.Value))
        let backend = _snapshot.Find(held.Owner)
        where backend is not null && !IsSideOfAnother(backend)
        select (backend, held);

    /// <summary>Whether it is only beside a session of the same instance, which has the turn as well and does the work.</summary>
    public bool IsSideOfAnother(ServerBackend backend) =>
        backend.IsMigrationHost
        && _snapshot.HeldBy(backend).All(held => !held.IsOnUsersTable)
        && _snapshot.Backends.Any(other => other.Id != backend.Id && other.Instance == backend.Instance && KeyOf(other) > KeyOf(backend));

    // The work has the higher of the two keys.
    private long? KeyOf(ServerBackend backend) => _snapshot.HeldBy(backend)
        .Where(held => Include(held) && !_tools.Contains(held.Key!.Value)).Max(held => held.Key) ?? long.MinValue;
}
