using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Who holds and who waits for which lock in one database, as the server tells it at one moment.</summary>
internal sealed class LockSnapshot
{
    private static readonly Version WithLeader = new(13, 0);
    private static readonly Version WithWaitStart = new(14, 0);

    private readonly ILookup<int, ServerLock> _locks;
    private readonly ILookup<string, ServerLock> _granted;
    private readonly Dictionary<int, ServerBackend> _backends;

    private LockSnapshot(string user, string? schema, uint? history, IEnumerable<ServerBackend> backends, IReadOnlyList<ServerLock> locks)
    {
        (User, Schema, History) = (user, schema, history);
        _backends = backends.ToDictionary(backend => backend.Id);

        // A parallel worker holds and waits in the name of its leader.
        Locks = [.. locks.Select(held => _backends.GetValueOrDefault(held.Owner)?.Leader is { } leader ? held with { Owner = leader } : held)];
        _locks = Locks.ToLookup(held => held.Owner);
        _granted = Locks.Where(held => held.Granted).ToLookup(held => held.Tag);
    }

    /// <summary>The role that has asked.</summary>
    public string User { get; }

    /// <summary>Where the history is, or would be.</summary>
    public string? Schema { get; }

    /// <summary>The oid of the history table.</summary>
    public uint? History { get; }

    public IReadOnlyList<ServerLock> Locks { get; }

    public IEnumerable<ServerBackend> Backends => _backends.Values.Where(backend => backend.Leader is null);

    /// <summary>Asks the server, on a connection that nobody else uses meanwhile.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="relations">Relations whose locks are wanted even where they are no user's tables.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<LockSnapshot> TakeAsync(PostgreSqlConnection connection, IEnumerable<uint> relations, CancellationToken cancellationToken)
    {
        var (user, schema, history) = (await connection.QueryAsync(
            $"SELECT current_user::text, current_schema()::text, to_regclass(quote_ident(current_schema()) || '.{PostgreSqlHistory.TableName}')::oid",
            row => (row.GetString(0), Text(row, 1), Oid(row, 2)),
            cancellationToken).ConfigureAwait(false))[0];
        var locks = await connection.QueryAsync(LocksSql(connection.ServerVersion), Lock, cancellationToken, relations.Select(relation => (long)relation).ToArray()).ConfigureAwait(false);
        var backends = await connection.QueryAsync(
            BackendsSql(connection.ServerVersion),
            Backend,
            cancellationToken,
            locks.Where(held => !held.Granted).Select(held => held.Owner).Distinct().ToArray(),
            locks.Select(held => held.Owner).Distinct().ToArray()).ConfigureAwait(false);
        if (locks.Exists(held => held.Owner < 0))
            backends.AddRange(await connection.QueryAsync(PreparedSql, PreparedTransaction, cancellationToken).ConfigureAwait(false));
        return new LockSnapshot(user, schema, history, backends, locks);
    }

    public ServerBackend? Find(int id) => _backends.GetValueOrDefault(id);

    public IEnumerable<ServerLock> HeldBy(ServerBackend backend) => _locks[backend.Id].Where(held => held.Granted);

    /// <summary>The lock it waits for; null where it waits for none.</summary>
    public ServerLock? WantedBy(int id) => _locks[id].FirstOrDefault(held => !held.Granted);

    /// <summary>What it holds that keeps somebody from getting a lock.</summary>
    public IEnumerable<ServerLock> InTheWay(ServerBackend backend, ServerLock wanted) =>
        _granted[wanted.Tag].Where(held => held.Owner == backend.Id && held.IsInTheWayOf(wanted));

    /// <summary>Whom it waits for: the holders, and those who wait for the same before it.</summary>
    public IReadOnlyList<ServerBackend> BlockersOf(int id)
    {
        if (WantedBy(id) is not { } wanted)
            return [];
        var pids = _backends.Values.Where(backend => backend.Id == id || backend.Leader == id).SelectMany(backend => backend.BlockedBy).ToHashSet();
        return
        [
            .. pids.Where(pid => pid > 0).Select(Find).OfType<ServerBackend>(),
            .. pids.Contains(0) ? _granted[wanted.Tag].Where(held => held.Owner < 0 && held.IsInTheWayOf(wanted)).Select(held => Find(held.Owner)).OfType<ServerBackend>() : [],
        ];
    }

    // A prepared transaction has no pid: its own number stands for it, told apart from pids by its sign. All its locks have one virtual transaction; one of them is on that number.
    private static string LocksSql(Version server) =>
        $"""
        WITH locks AS MATERIALIZED (
            SELECT *, concat_ws('/', locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid) AS tag
            FROM pg_locks
            WHERE pid IS DISTINCT FROM pg_backend_pid() AND mode <> 'SIReadLock'
              AND coalesce(database, 0) IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))),
        prepared AS (
            SELECT x.virtualtransaction, {PreparedId("t.transaction::text")} AS id FROM locks AS x JOIN pg_prepared_xacts AS t ON t.transaction = x.transactionid
            WHERE x.pid IS NULL AND t.database = current_database())
        SELECT coalesce(l.pid, p.id), l.locktype, l.mode, l.granted, l.tag, l.relation, l.relation::regclass::text,
               l.locktype = 'relation' AND l.relation >= 16384 AND coalesce(c.relkind NOT IN ('i', 'I', 't'), true),
               CASE WHEN l.locktype = 'advisory' AND l.objsubid = 1 THEN l.classid::bigint << 32 | l.objid::bigint END,
               {(server >= WithWaitStart ? "(extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)::bigint" : "NULL::bigint")}
        FROM locks AS l LEFT JOIN pg_class AS c ON c.oid = l.relation LEFT JOIN prepared AS p ON l.pid IS NULL AND p.virtualtransaction = l.virtualtransaction
        WHERE (l.pid IS NOT NULL OR p.id IS NOT NULL) AND (l.locktype <> 'relation' OR NOT l.granted OR (l.relation >= 16384 AND coalesce(c.relkind NOT IN ('i', 'I', 't'), true))
           OR l.relation::bigint = ANY ($1) OR l.tag IN (SELECT w.tag FROM locks AS w WHERE NOT w.granted))
        """;

    private static string BackendsSql(Version server) =>
        $"""
        SELECT pid, coalesce(datname = current_database(), false), application_name, usename::text, host(client_addr), client_port, state, query, backend_type,
               {(server >= WithLeader ? "leader_pid" : "NULL::int")}, wait_event_type, xact_start AT TIME ZONE 'UTC',
               (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::bigint,
               (extract(epoch FROM clock_timestamp() - state_change) * 1000)::bigint,
               (extract(epoch FROM clock_timestamp() - query_start) * 1000)::bigint,
               CASE WHEN pid = ANY ($1) THEN pg_blocking_pids(pid) ELSE ARRAY[]::int[] END
        FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND (datname = current_database() OR pid = ANY ($2))
        """;

    // The number of a transaction is unsigned.
    private static string PreparedId(string transaction) => $"(-({transaction}::bigint % 2147483647) - 1)::int";

    private static readonly string PreparedSql =
        $"SELECT {PreparedId("transaction::text")}, gid, owner::text, (extract(epoch FROM clock_timestamp() - prepared) * 1000)::bigint FROM pg_prepared_xacts WHERE database = current_database()";

    private static ServerLock Lock(NpgsqlDataReader row) => new(
        row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetString(4), Oid(row, 5), Text(row, 6), !row.IsDBNull(7) && row.GetBoolean(7), Long(row, 8), Long(row, 9));

    private static ServerBackend Backend(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt32(0),
        InThisDatabase = row.GetBoolean(1),
        Application = Text(row, 2) is { Length: > 0 } name ? name : null,
        User = Text(row, 3),
        Address = Text(row, 4),
        Port = row.IsDBNull(5) ? null : row.GetInt32(5),
        State = Text(row, 6),
        Query = Text(row, 7),
        Type = Text(row, 8),
        Leader = row.IsDBNull(9) ? null : row.GetInt32(9),
        WaitEventType = Text(row, 10),
        TransactionBegan = row.IsDBNull(11) ? null : row.GetDateTime(11),
        TransactionMs = Long(row, 12),
        StateMs = Long(row, 13),
        QueryMs = Long(row, 14),
        BlockedBy = row.GetFieldValue<int[]>(15),
    };

    private static ServerBackend PreparedTransaction(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt32(0),
        InThisDatabase = true,
        Application = null,
        User = row.GetString(2),
        TransactionMs = row.GetInt64(3),
        Prepared = row.GetString(1),
    };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Long(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static uint? Oid(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<uint>(column);
}
