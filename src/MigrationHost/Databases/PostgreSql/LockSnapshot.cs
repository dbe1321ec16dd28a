using System.Globalization;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Who holds and who waits for which lock in one database, as the server reports it at one moment.</summary>
internal sealed class LockSnapshot
{
    private readonly ILookup<int, ServerLock> _locks;
    private readonly ILookup<string, ServerLock> _byTag;
    private readonly Dictionary<int, ServerBackend> _backends;

    private LockSnapshot(LockAsker asker, IEnumerable<ServerBackend> backends, IEnumerable<ServerLock> locks)
    {
        Asker = asker;
        _backends = backends.ToDictionary(backend => backend.Id);

        // A parallel worker holds and waits in the name of its leader.
        List<ServerLock> all = [.. locks.Select(held => held with { Owner = Leader(held.Owner) })];

        // Who waits for a row waits for the transaction that has changed it, and has a lock on the row that says whose it is.
        var rows = all.FindAll(held => held is { Granted: true, Kind: "tuple" }).ToLookup(held => held.Owner, held => held.Name);
        Locks =
        [
            .. all.Select(wanted => wanted is { Granted: false, Kind: "transactionid" }
                ? wanted with { RowOf = rows[wanted.Owner].FirstOrDefault() }
                : wanted),
        ];
        _locks = Locks.ToLookup(held => held.Owner);
        _byTag = Locks.ToLookup(held => held.Tag);
    }

    public LockAsker Asker { get; }

    public IReadOnlyList<ServerLock> Locks { get; }

    public IEnumerable<ServerBackend> Backends => _backends.Values.Where(backend => backend.Leader is null);

    /// <summary>Asks the server, on a connection that nobody else uses meanwhile.</summary>
    public static async Task<LockSnapshot> TakeAsync(PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryOftenAsync(
            LocksSql(connection.ServerVersion),
            row => (Transaction: row.GetString(1), Lock: ServerLockRow.Read(row, 2, row.IntAt(0) ?? 0)),
            cancellationToken).ConfigureAwait(false);
        var prepared = await PreparedAsync(connection, rows, cancellationToken).ConfigureAwait(false);
        List<ServerLock> locks =
        [
            .. from row in rows
               let owner = row.Lock.Owner != 0 ? row.Lock.Owner : prepared.TryGetValue(row.Transaction, out var one) ? one.Id : 0
               where owner != 0
               select row.Lock with { Owner = owner },
        ];
        var backends = await connection.QueryOftenAsync(
            ServerBackendRow.Sql(connection.ServerVersion),
            ServerBackendRow.Read,
            cancellationToken,
            locks.Select(held => held.Owner).Where(owner => owner > 0).Distinct().ToArray(),
            ApplicationName.Prefix).ConfigureAwait(false);
        backends.AddRange(prepared.Values);
        var names = await LockNames.ReadAsync(connection, locks, backends, cancellationToken).ConfigureAwait(false);
        var asker = await LockAsker.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        return new LockSnapshot(asker, backends.Select(names.Named), locks.Select(names.Named));
    }

    public ServerBackend? Find(int id) => _backends.GetValueOrDefault(Leader(id));

    /// <summary>The sessions in this database of the instance that a session belongs to.</summary>
    public IEnumerable<ServerBackend> OfInstance(ServerBackend backend) =>
        Backends.Where(other => other.IsHere && other.Instance == backend.Instance);

    public IEnumerable<ServerLock> HeldBy(ServerBackend backend) => _locks[backend.Id].Where(held => held.Granted);

    /// <summary>All locks on one thing, granted and waited for.</summary>
    public IEnumerable<ServerLock> On(string tag) => _byTag[tag];

    /// <summary>The lock it waits for, or the page; null if it waits for none.</summary>
    public ServerLock? WantedBy(int id) => _locks[id].FirstOrDefault(held => !held.Granted) ?? PinWantedBy(id);

    /// <summary>What it holds that keeps another session from getting a lock.</summary>
    public IEnumerable<ServerLock> InTheWay(ServerBackend backend, ServerLock wanted)
    {
        if (wanted.Kind != ServerLock.BufferPin)
            return On(wanted.Tag).Where(held => held.Owner == backend.Id && held.IsInTheWayOf(wanted));

        // The server does not say which of several it is.
        var mode = PinHolders(wanted).Count > 1 ? "possibly BufferPin" : "BufferPin";
        return On(wanted.Tag).Where(held => held.Owner == backend.Id).Take(1).Select(held => held with { Kind = wanted.Kind, Mode = mode });
    }

    /// <summary>Whom it waits for: the holders, and those who wait for the same before it.</summary>
    public IReadOnlyList<ServerBackend> BlockersOf(int id)
    {
        if (WantedBy(id) is not { } wanted)
            return [];
        if (wanted.Kind == ServerLock.BufferPin)
            return PinHolders(wanted);
        var pids = _locks[id].Where(one => !one.Granted).SelectMany(one => one.BlockedBy).ToHashSet();
        var prepared = On(wanted.Tag).Where(held => pids.Contains(0) && held.Owner < 0 && held.IsInTheWayOf(wanted));
        return
        [
            .. pids.Where(pid => pid > 0).Concat(prepared.Select(held => held.Owner))
                .Select(Find).OfType<ServerBackend>().Where(backend => backend.Id != id).Distinct(),
        ];
    }

    // VACUUM waits for a page with its lock on the table in hand; pg_locks does not show such a wait.
    private ServerLock? PinWantedBy(int id) =>
        Find(id) is { WaitsForPin: true } && _locks[id].FirstOrDefault(IsOfVacuum) is { } table
            ? table with { Kind = ServerLock.BufferPin, Mode = "BufferPin", Granted = false }
            : null;

    private static bool IsOfVacuum(ServerLock held) =>
        held is { Kind: "relation", Mode: LockModes.ShareUpdateExclusive, IsPartOfTable: false };

    // Who has a page in use is in the middle of reading its table: it has a snapshot, and a lock on the table.
    private List<ServerBackend> PinHolders(ServerLock wanted) =>
    [
        .. from held in On(wanted.Tag)
           where held.Granted && held.Owner != wanted.Owner
           let backend = Find(held.Owner)
           where backend is { Prepared: null } && (backend.HasSnapshot || backend.IsHidden)
           group backend by backend.Id into same
           select same.First(),
    ];

    private int Leader(int id) => _backends.GetValueOrDefault(id)?.Leader ?? id;

    /// <summary>The prepared transactions, by what pg_locks calls their transactions: they have no pid there.</summary>
    private static async Task<Dictionary<string, ServerBackend>> PreparedAsync(
        PostgreSqlConnection connection, IEnumerable<(string Transaction, ServerLock Lock)> rows, CancellationToken cancellationToken)
    {
        Dictionary<long, string> transactions = [];
        foreach (var (transaction, held) in rows.Where(row => row.Lock is { Owner: 0, Kind: "transactionid" }))
            transactions[long.Parse(held.Tag.Split('/')[1], CultureInfo.InvariantCulture)] = transaction;
        if (transactions.Count == 0)
            return [];
        var prepared = await connection
            .QueryOftenAsync(ServerBackendRow.PreparedSql, ServerBackendRow.ReadPrepared, cancellationToken)
            .ConfigureAwait(false);
        return prepared
            .Where(one => transactions.ContainsKey(one.Number))
            .ToDictionary(one => transactions[one.Number], one => one.Transaction);
    }

    // Of other databases only locks that are waited for are wanted: a chain may lead through them.
    // Of the catalogs, only what others would feel.
    private static string LocksSql(Version server) =>
        $"""
        WITH locks AS MATERIALIZED (
            SELECT one.*, {ServerLockRow.Tag} AS tag, coalesce(one.database, 0) IN (0, here.datid) AS here
            FROM pg_lock_status() AS one, pg_stat_get_activity(pg_backend_pid()) AS here
            WHERE one.pid IS DISTINCT FROM here.pid AND one.mode <> 'SIReadLock'),
        felt AS MATERIALIZED (
            SELECT DISTINCT tag FROM locks
            WHERE NOT granted OR locktype = 'relation' AND mode = ANY ({LockModes.FeltByMaintenance}))
        SELECT l.pid, l.virtualtransaction, {ServerLockRow.Columns(server)}
        FROM locks AS l
        WHERE l.locktype IN ('transactionid', 'virtualxid', 'tuple') OR l.tag IN (SELECT tag FROM felt)
           OR l.here AND (l.locktype IN ('advisory', 'object') OR l.locktype = 'relation' AND l.relation >= {ServerLock.FirstOfUsers})
        """;
}
