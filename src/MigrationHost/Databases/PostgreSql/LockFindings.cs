using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What one snapshot of the server's locks means: who is in the way of our own sessions, and who holds and waits at all.</summary>
internal sealed class LockFindings
{
    private const int MostNames = 3;

    /// <summary>For how long our work may be at another statement than the refused one, and still be on its way back to it.</summary>
    private const int LongestOnTheWayMs = 1000;

    private readonly LockSnapshot _snapshot;
    private readonly IReadOnlyList<PostgreSqlSession> _sessions;
    private readonly OwnSessions _own;
    private readonly TurnLocks _turn;
    private readonly LockChain _chain;
    private readonly Dictionary<(int Owner, string Tag, string Mode), TimeSpan> _known;
    private readonly IHistoryForm _form;
    private readonly bool _showStatements;

    /// <param name="snapshot">What the server shows.</param>
    /// <param name="sessions">Our sessions.</param>
    /// <param name="leftBehind">Backends whose connection to us has broken.</param>
    /// <param name="form">The form of the history that the turn is for.</param>
    /// <param name="known">Since when locks have been seen.</param>
    /// <param name="showStatements">Whether other sessions' SQL may be shown.</param>
    public LockFindings(
        LockSnapshot snapshot,
        IReadOnlyList<PostgreSqlSession> sessions,
        IReadOnlyCollection<int> leftBehind,
        IHistoryForm form,
        KnownSince<(int Owner, string Tag, string Mode)> known,
        bool showStatements)
    {
        (_snapshot, _sessions, _form, _showStatements) = (snapshot, sessions, form, showStatements);
        _own = new OwnSessions(sessions, leftBehind, snapshot);
        _turn = new TurnLocks(snapshot, History());
        _chain = new LockChain(snapshot, IsElse);
        _known = known.Seen(snapshot.Locks.Select(Key));
    }

    /// <summary>Whether something of those who were named is hidden from our role.</summary>
    public bool HidesSomething { get; private set; }

    /// <summary>Who is in the way of what our sessions wait for, the roots of the chains first, of these the oldest transaction.</summary>
    public IReadOnlyList<Blocker> Blockers() => Describe(_sessions.SelectMany(InTheWay));

    /// <summary>Everybody who holds what can hold up a migration, and the roots of those who wait.</summary>
    public IReadOnlyList<Blocker> Holders()
    {
        var chains = _snapshot.Backends.Where(WaitsHere).SelectMany(waiter => _chain.Behind(waiter.Id));
        var roots = chains.Select(link => link.Backend.Id).ToHashSet();
        return
        [
            .. from backend in _snapshot.Backends
               where IsElse(backend)
               let held = HeldUp(backend)
               where roots.Contains(backend.Id) || (held.Count > 0 && !_turn.IsSideOfAnother(backend))
               orderby BlockersOf(backend).Count > 0, IsBetweenAttempts(backend), held.Max(one => (int?)Rank(one)) descending,
                   backend.TransactionMs descending
               select Describe(backend, held),
        ];
    }

    public IReadOnlyList<LockWaiter> Waiters() =>
    [
        .. from backend in _snapshot.Backends
           where IsElse(backend) && WaitsHere(backend)
           let wanted = _snapshot.WantedBy(backend.Id)
           select Waiter(backend, wanted.Wanted, WaitedMs(wanted), _snapshot.BlockersOf(backend.Id)),
        .. from backend in _snapshot.Backends
           where IsElse(backend) && _snapshot.WantedBy(backend.Id) is null && HeldUp(backend).Count > 0 && !_turn.IsSideOfAnother(backend)
           let tool = WaitingToolOf(backend)
           where tool is not null
           select Waiter(backend, "its external tool", WaitedMs(_snapshot.WantedBy(tool.Id)!), [tool]),
    ];

    /// <summary>Who is in the way of an external tool's sessions, and whether that is a session of the tool itself.</summary>
    /// <param name="name">What the tool's sessions are called.</param>
    /// <param name="ports">The local ports of the tool's connections.</param>
    public (IReadOnlyList<Blocker> Blockers, bool Itself) BlockersOfTool(string name, IReadOnlySet<int> ports)
    {
        var tool = _snapshot.Backends
            .Where(backend => backend.Application == name || (backend.Port is { } port && ports.Contains(port)))
            .Select(backend => backend.Id)
            .ToHashSet();
        var found = tool.SelectMany(_chain.Behind).ToList();
        var others = found.FindAll(link => !tool.Contains(link.Backend.Id));
        return (Describe(others.Count > 0 ? others : found), found.Count > 0 && others.Count == 0);
    }

    private IEnumerable<LockLink> InTheWay(PostgreSqlSession session)
    {
        if (session.WaitsForTurn)
        {
            var holders = _turn.Holders().Where(holder => IsElse(holder.Backend));
            return holders.SelectMany(InTheWayWithTheTurn);
        }
        if (_chain.Behind(session.Pid) is { Count: > 0 } found)
            return found;
        return session.LastWait is { } last && !IsElsewhere(session, last) ? _chain.Behind(last, session.Pid) : [];
    }

    private IEnumerable<LockLink> InTheWayWithTheTurn((ServerBackend Backend, ServerLock Held) holder)
    {
        var chain = _chain.From(holder.Backend, [holder.Held]);
        return WaitingToolOf(holder.Backend) is { } tool
            ? [.. chain.Select(link => link with { WaitsItself = true }), .. _chain.From(tool, [])]
            : chain;
    }

    private LockWaiter Waiter(ServerBackend backend, string wanted, long? ms, IReadOnlyList<ServerBackend> blockers) =>
        new(backend.Pid, HolderWords.Program(backend, _snapshot), wanted, ms, [.. blockers.Select(blocker => blocker.Pid).OfType<int>()])
        {
            Behind = [.. blockers.Select(blocker => blocker.Id)],
        };

    private long WaitedMs(ServerLock wanted) => wanted.WaitsForMs ?? (long)_known.GetValueOrDefault(Key(wanted)).TotalMilliseconds;

    // An attempt begins with the script's first statement again. Whoever has been at another one for long does not wait for that lock.
    private bool IsElsewhere(PostgreSqlSession session, PostgreSqlLockWait last) =>
        session.Statement is { } statement && statement != last.Statement
        && _snapshot.Find(session.Pid) is { State: "active", QueryMs: > LongestOnTheWayMs };

    private List<Blocker> Describe(IEnumerable<LockLink> links) =>
    [
        .. links
            .OrderBy(link => link.WaitsItself)
            .ThenByDescending(link => link.Backend.TransactionMs)
            .DistinctBy(link => link.Backend.Id)
            .Select(link => Describe(link.Backend, link.Held)),
    ];

    private Blocker Describe(ServerBackend backend, IReadOnlyList<ServerLock> held)
    {
        HidesSomething |= backend.IsHidden;
        var shown = Shown(backend, held);
        var known = shown.Select(one => (long)_known.GetValueOrDefault(Key(one)).TotalMilliseconds).DefaultIfEmpty().Max();

        // What an idle session holds, it has held for as long as it has been idle.
        var idle = backend.Prepared is not null ? backend.TransactionMs : backend.IsIdle ? backend.StateMs : null;
        var here = _own.IsOfThisProcess(backend);
        return new Blocker
        {
            Pid = backend.Pid,
            Id = backend.Id,
            Program = HolderWords.Program(backend, _snapshot),
            ThisProcess = here,
            Holds = Names(shown.Select(one => _turn.Include(one) ? TurnLocks.Mode : one.Mode), "a lock"),
            Resource = Names(shown.Select(one => _turn.Include(one) ? _form.Table : one.Resource), "this database"),
            State = HolderWords.State(backend, _snapshot),
            AnonymousState = HolderWords.AnonymousState(backend, _snapshot),
            ForMs = Math.Max(known, idle ?? 0),
            Statement = _showStatements && !backend.IsHidden && backend.Query is { Length: > 0 } query ? query : null,
            Hint = _own.HaveLeftBehind(backend)
                ? "a session of this process whose connection has broken; it is ended as soon as the server can be reached"
                : new HolderRemedy(_snapshot).For(backend, here, BlockersOf(backend)),
        };
    }

    /// <summary>What to show of what it holds, the strongest first: what is waited for, or else what could be.</summary>
    private List<ServerLock> Shown(ServerBackend backend, IReadOnlyList<ServerLock> held)
    {
        IEnumerable<ServerLock> some = held.Count > 0 ? held : HeldUp(backend);
        if (!some.Any())
            some = _snapshot.HeldBy(backend).Where(one => one.Kind == "virtualxid");
        return [.. some.Select(one => one.Kind == "transactionid" ? one with { Name = ChangedBy(backend) } : one).OrderByDescending(Rank)];
    }

    private string? ChangedBy(ServerBackend backend)
    {
        var written = _snapshot.HeldBy(backend).Where(one => one.IsOnUsersTable && LockModes.IsToWrite(one.Mode));
        return Names(written.Select(one => one.Resource), "") is { Length: > 0 } names ? names : null;
    }

    /// <summary>What it holds that could hold up a migration. That it has changed something says most if it is not known what.</summary>
    private List<ServerLock> HeldUp(ServerBackend backend)
    {
        List<ServerLock> held = [.. _snapshot.HeldBy(backend).Where(one => one.CanHoldUpMigrations && (backend.IsHere || one.IsShared))];
        if (held.Exists(one => one.Kind != "transactionid"))
            held.RemoveAll(one => one.Kind == "transactionid");

        // CREATE INDEX CONCURRENTLY waits for everybody whose snapshot is older than the index.
        return held.Count > 0 || backend is not { IsIdleInTransaction: true, HasSnapshot: true, IsHere: true }
            ? held
            : [.. _snapshot.HeldBy(backend).Where(one => one.Kind == "virtualxid")];
    }

    // What others wait for in a database of their own is not of interest.
    private bool WaitsHere(ServerBackend backend) => _snapshot.WantedBy(backend.Id) is { } wanted && (backend.IsHere || wanted.IsShared);

    /// <summary>Whom it waits for, ourselves left out; an instance with the turn waits for its external tool, if that waits.</summary>
    private List<ServerBackend> BlockersOf(ServerBackend backend) =>
        _snapshot.WantedBy(backend.Id) is null && WaitingToolOf(backend) is { } tool
            ? [tool]
            : [.. _snapshot.BlockersOf(backend.Id).Where(IsElse)];

    // Its sessions are called after the instance that runs it.
    private ServerBackend? WaitingToolOf(ServerBackend backend) => !backend.IsMigrationHost ? null
        : _snapshot.Backends.FirstOrDefault(tool => tool.IsHere && tool.IsToolOf(backend) && _snapshot.WantedBy(tool.Id) is not null);

    // It holds nothing but the turn: somebody else may be what it waits for. So it is while its external tool works, too.
    private static bool IsBetweenAttempts(ServerBackend backend) => backend is { IsMigrationHost: true, State: "idle" };

    private bool IsElse(ServerBackend backend) => !_own.Include(backend.Id);

    private int Rank(ServerLock held) => _turn.Include(held) ? int.MaxValue : LockModes.Strength(held.Mode);

    private static (int, string, string) Key(ServerLock one) => (one.Owner, one.Tag, one.Mode);

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

    private PostgreSqlHistory? History() =>
        _sessions.Count > 0 ? _sessions[0].History
        : _snapshot.Asker.Schema is { } schema ? new PostgreSqlHistory(_form, schema)
        : null;
}
