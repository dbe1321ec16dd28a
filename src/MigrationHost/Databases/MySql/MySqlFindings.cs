using MigrationHost.Platform;

namespace MigrationHost.Databases.MySql;

/// <summary>Who holds and who waits for what, said of one snapshot.</summary>
internal sealed class MySqlFindings
{
    private const int MostNames = 3;

    private readonly MySqlSnapshot _snapshot;
    private readonly IReadOnlyList<MySqlSession> _sessions;
    private readonly MySqlOwnSessions _own;
    private readonly MySqlChains _chains;
    private readonly MySqlDatabase _database;
    private readonly Dictionary<(int Thread, string What), TimeSpan> _known;
    private readonly bool _showStatements;

    public MySqlFindings(
        MySqlSnapshot snapshot, MySqlDatabase database, KnownSince<(int Thread, string What)> known, bool showStatements)
    {
        (_snapshot, _database, _sessions, _showStatements) = (snapshot, database, database.Sessions, showStatements);
        _own = new MySqlOwnSessions(_sessions, snapshot, (int)database.Settings.Configured.Port);
        _chains = new MySqlChains(snapshot, _own.Ids);
        _known = known.Seen(snapshot.Locks.Where(one => one.Granted).Select(one => (one.Thread, one.Resource)));
    }

    /// <summary>Why something may be hidden; null if nothing is.</summary>
    public string? Hidden => !_snapshot.SeesTransactions
        ? $"transactions and other accounts' sessions are hidden from account {_snapshot.User}: GRANT PROCESS ON *.* TO {_snapshot.User}"
        : _snapshot.SeesMetadataLocks ? null
        : $"metadata locks are not visible on this server: {_snapshot.ToSeeMetadataLocks} shows them";

    /// <summary>Who is in the way of what our sessions wait for, the roots of the chains first.</summary>
    public IReadOnlyList<Blocker> Blockers() => Describe(_sessions.SelectMany(InTheWay));

    /// <summary>Everybody who holds what can hold up a migration.</summary>
    public IReadOnlyList<Blocker> Holders()
    {
        var roots = _snapshot.Threads.Where(thread => IsElse(thread) && MySqlChains.Waits(thread)).SelectMany(_chains.Behind);
        var holding =
            from thread in _snapshot.Threads
            where IsElse(thread) && !thread.IsServers
            let held = HeldUp(thread)
            where held.Count > 0 || thread.Transaction is { } open && (open.Rows > 0 || IsHere(thread))
            orderby thread.Transaction?.AgeMs descending
            select new MySqlHolder(thread, held);
        var prepared = _snapshot.Prepared.Select(one => new MySqlHolder(null, []) { Prepared = one });
        var all = Distinct([.. TurnHolders().SelectMany(_chains.From), .. roots, .. holding, .. prepared]);
        return Describe(all.OrderBy(IsBetweenAttempts));
    }

    public IReadOnlyList<LockWaiter> Waiters() =>
    [
        .. from thread in _snapshot.Threads
           where IsElse(thread) && MySqlChains.Waits(thread)
           let behind = _chains.Behind(thread)
           select new LockWaiter(
               thread.Id,
               MySqlHolderWords.Program(thread, _snapshot),
               _chains.WaitsFor(thread)!,
               thread.StateMs,
               [.. behind.Select(holder => holder.Thread?.Id).OfType<int>()])
           {
               Behind = [.. behind.Select(IdOf)],
           },
    ];

    /// <summary>Who is in the way of an external tool's sessions, and whether that is a session of the tool itself.</summary>
    /// <param name="ports">The local ports of the tool's connections.</param>
    public (IReadOnlyList<Blocker> Blockers, bool Itself) BlockersOfTool(IReadOnlySet<int> ports)
    {
        var tool = _snapshot.Threads.Where(thread => thread.Port is { } port && ports.Contains(port)).ToList();
        _database.OfTools.Add(_snapshot.Server, tool.Select(thread => new MySqlClient(thread.Id, thread.Host)));
        var ids = tool.Select(thread => thread.Id).ToHashSet();
        var found = tool.Where(MySqlChains.Waits).SelectMany(_chains.Behind).ToList();
        var others = found.FindAll(holder => holder.Thread is null || !ids.Contains(holder.Thread.Id));
        return (Describe(others.Count > 0 ? others : found), found.Count > 0 && others.Count == 0);
    }

    private IEnumerable<MySqlHolder> InTheWay(MySqlSession session)
    {
        if (session.WaitsForTurn)
            return TurnHolders().SelectMany(_chains.From);
        if (_snapshot.Find(session.Id) is { } thread && MySqlChains.Waits(thread))
            return _chains.Behind(thread);
        return session.LastWait is { } last ? _chains.Behind(session.Id, last) : [];
    }

    // The work says what is waited for; the side is the same instance.
    private IEnumerable<MySqlHolder> TurnHolders()
    {
        if ((_snapshot.Turn.Work ?? _snapshot.Turn.Side) is { } id && _snapshot.Find(id) is { } thread && IsElse(thread))
            yield return new MySqlHolder(thread, []) { HasTurn = true };
        foreach (var tool in _snapshot.Tools.Select(_snapshot.Find).OfType<MySqlThread>().Where(IsElse))
            yield return new MySqlHolder(tool, []) { HasToolLock = true };
    }

    private List<Blocker> Describe(IEnumerable<MySqlHolder> holders) => [.. Distinct(holders).Select(Describe)];

    private static IEnumerable<MySqlHolder> Distinct(IEnumerable<MySqlHolder> holders) =>
        holders.DistinctBy(holder => (holder.Thread?.Id, holder.Prepared));

    // It holds nothing but the turn: somebody else may be what it waits for. So it is while its external tool works, too.
    private static bool IsBetweenAttempts(MySqlHolder holder) =>
        holder is { HasTurn: true, Thread: { IsIdle: true, Transaction: null } };

    private Blocker Describe(MySqlHolder holder)
    {
        if (holder.Thread is not { } thread)
            return MySqlHolderWords.Prepared(holder, _snapshot) with { Id = IdOf(holder) };
        var held = holder.Held.Count > 0 ? holder.Held : HeldUp(thread);
        var here = _own.IsOfThisProcess(thread);
        var known = held.Select(one => (long)_known.GetValueOrDefault((one.Thread, one.Resource)).TotalMilliseconds).DefaultIfEmpty().Max();
        return new Blocker
        {
            Pid = thread.Id,
            Program = MySqlHolderWords.Program(thread, _snapshot),
            ThisProcess = here,
            Holds = holder.HasTurn ? "the turn"
                : holder.HasToolLock ? $"the lock of {_database.Form.Owner}"
                : holder.RowOf is not null ? "row locks"
                : Names(held.Select(one => one.Mode), "a transaction"),
            Resource = holder.HasTurn || holder.HasToolLock ? _database.Form.Table
                : holder.RowOf ?? Names(held.Select(one => one.Resource), "this database"),
            State = MySqlHolderWords.State(thread, _snapshot, _chains.WaitsFor(thread)),
            AnonymousState = MySqlHolderWords.AnonymousState(thread, MySqlChains.Waits(thread)),
            ForMs = Math.Max(known, thread.IsIdle ? thread.StateMs : 0),
            Statement = _showStatements ? thread.Statement : null,
            Hint = MySqlHolderRemedy.For(holder, here, _snapshot),
        };
    }

    /// <summary>What it holds that could hold up a migration.</summary>
    private List<MySqlHeldLock> HeldUp(MySqlThread thread) =>
    [
        .. from held in _snapshot.Locks
           where held.Thread == thread.Id && held.Granted
           where held.IsOnEverything || held.Kind == MySqlLockKind.Table && held.Schema == _database.Schema
           orderby held.IsOnEverything descending
           select held,
    ];

    // A prepared transaction has no connection: its place among them is used instead, and differs from connection ids by its sign.
    private int IdOf(MySqlHolder holder) =>
        holder.Thread?.Id ?? _snapshot.Prepared.TakeWhile(prepared => prepared != holder.Prepared).Count() - _snapshot.Prepared.Count - 1;

    private bool IsHere(MySqlThread thread) => thread.Database is null || thread.Database == _database.Schema;

    private bool IsElse(MySqlThread thread) => !_own.Ids.Contains(thread.Id);

    private static string Names(IEnumerable<string> names, string none)
    {
        List<string> all = [.. names.Distinct()];
        return all.Count switch
        {
            0 => none,
            <= MostNames => string.Join(", ", all),
            _ => $"{string.Join(", ", all.Take(MostNames))} and {all.Count - MostNames} more",
        };
    }
}
