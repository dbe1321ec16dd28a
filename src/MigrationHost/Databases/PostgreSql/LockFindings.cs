using System.Net;
using System.Net.NetworkInformation;
using MigrationHost.Platform;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What one snapshot of the server's locks means: who is in the way of our own sessions, and who holds and waits at all.</summary>
internal sealed class LockFindings
{
    private const string Turn = "TURN";
    private const int MostNames = 3;

    private readonly LockSnapshot _snapshot;
    private readonly IReadOnlyList<PostgreSqlSession> _sessions;
    private readonly Dictionary<ServerLock, TimeSpan> _known;
    private readonly bool _showStatements;
    private readonly HashSet<int> _own;
    private readonly IReadOnlyCollection<int> _leftBehind;
    private readonly HashSet<int> _ports = OwnSockets.LocalPorts();
    private readonly HashSet<IPAddress> _addresses = [];
    private readonly long[] _turnKeys;

    public LockFindings(LockSnapshot snapshot, IReadOnlyList<PostgreSqlSession> sessions, IReadOnlyCollection<int> leftBehind, KnownSince<ServerLock> known, bool showStatements)
    {
        (_snapshot, _sessions, _leftBehind, _showStatements) = (snapshot, sessions, leftBehind, showStatements);
        _own = [.. sessions.Select(session => session.Pid), .. sessions.Select(session => session.Side?.AnnouncedPid).OfType<int>()];
        _own.UnionWith(snapshot.Backends.Where(backend => OwnChildren.Contains(ApplicationName.TokenOf(backend.Instance))).Select(backend => backend.Id));

        // Behind a pooler the announced pids are the pooler's; the name of this process has to do.
        if (sessions.Any(session => session.Work.AnnouncedPid != session.Pid))
            _own.UnionWith(snapshot.Backends.Where(backend => backend.Instance == ApplicationName.Own).Select(backend => backend.Id).Except(leftBehind));
        _known = known.Seen(snapshot.Locks.Select(Lasting));
        _turnKeys = snapshot.Schema is { } schema && PostgreSqlSide.Key(new PostgreSqlHistory(schema)) is var key ? [key, key + 1] : [];
        if (_ports.Count > 0)
            _addresses = LocalAddresses();
    }

    /// <summary>Whether something of those who were named is hidden from our role.</summary>
    public bool HidesSomething { get; private set; }

    /// <summary>Who is in the way of what our sessions wait for, the root of each chain first.</summary>
    public IReadOnlyList<Blocker> Blockers()
    {
        var found = _sessions.SelectMany(InTheWay).ToList();
        return [.. found.OrderBy(one => one.WaitsItself).DistinctBy(one => one.Backend.Id).Select(one => Describe(one.Backend, one.Held))];
    }

    /// <summary>Everybody who holds what can hold up somebody else: a lock on a user's table, or an advisory lock.</summary>
    public IReadOnlyList<Blocker> Holders()
    {
        var roots = _snapshot.Locks.Where(held => !held.Granted).SelectMany(wanted => Chain(_snapshot.BlockersOf(wanted.Owner), wanted)).Select(one => one.Backend.Id).ToHashSet();
        return
        [
            .. from backend in _snapshot.Backends
               where IsElse(backend) && (backend.InThisDatabase || roots.Contains(backend.Id))
               let held = _snapshot.HeldBy(backend).Where(held => held.OfUser || held.Kind == "advisory").ToList()
               where (held.Count > 0 && !IsSideOfAnother(backend)) || roots.Contains(backend.Id)
               orderby held.Max(lockHeld => (int?)Rank(lockHeld)) descending, backend.TransactionMs descending
               select Describe(backend, held),
        ];
    }

    public IReadOnlyList<LockWaiter> Waiters() =>
    [
        .. from wanted in _snapshot.Locks
           where !wanted.Granted && !_own.Contains(wanted.Owner)
           let backend = _snapshot.Find(wanted.Owner)
           where backend is not null
           let blockers = _snapshot.BlockersOf(wanted.Owner)
           select new LockWaiter(backend.Pid, HolderWords.Program(backend, _snapshot), wanted.Wanted, wanted.WaitsForMs ?? (long)_known[Lasting(wanted)].TotalMilliseconds, [.. blockers.Select(blocker => blocker.Pid).OfType<int>()]),
    ];

    /// <summary>Who is in the way of an external tool's sessions, and whether that is a session of the tool itself.</summary>
    /// <param name="name">What the tool's sessions are called.</param>
    /// <param name="ports">The local ports of the tool's connections.</param>
    public (IReadOnlyList<Blocker> Blockers, bool Itself) BlockersOfTool(string name, IReadOnlySet<int> ports)
    {
        List<ServerBackend> tool = [.. _snapshot.Backends.Where(backend => backend.Application == name || (backend.Port is { } port && ports.Contains(port)))];
        var found = tool.Where(backend => _snapshot.WantedBy(backend.Id) is not null).SelectMany(backend => Chain(_snapshot.BlockersOf(backend.Id), _snapshot.WantedBy(backend.Id))).ToList();
        var ids = tool.Select(backend => backend.Id).ToHashSet();
        var others = found.FindAll(one => !ids.Contains(one.Backend.Id));
        return ([.. (others.Count > 0 ? others : found).OrderBy(one => one.WaitsItself).DistinctBy(one => one.Backend.Id).Select(one => Describe(one.Backend, one.Held))], found.Count > 0 && others.Count == 0);
    }

    private readonly record struct Found(ServerBackend Backend, IReadOnlyList<ServerLock> Held, bool WaitsItself);

    private IEnumerable<Found> InTheWay(PostgreSqlSession session)
    {
        if (session.WaitsForTurn)
            return TurnHolders();
        if (_snapshot.WantedBy(session.Pid) is { } wanted && _snapshot.BlockersOf(session.Pid) is { Count: > 0 } blockers)
            return Chain(blockers, wanted);
        return session.LastWait is { } last ? Refused(session, last) : [];
    }

    // Between two attempts nobody waits: who holds now what was refused then?
    private List<Found> Refused(PostgreSqlSession session, PostgreSqlLockWait last)
    {
        var relation = last.Relation ?? (last.Kind == "relation" ? _snapshot.History : null);
        if (last.Kind == "relation" && relation is not null)
        {
            var holders = _snapshot.Locks.Where(held => held.Granted && held.Kind == "relation" && held.Relation == relation && held.Owner != session.Pid && LockModes.Conflict(last.Mode, held.Mode)).ToList();
            return holders.Count == 0 ? [] : Chain([.. holders.Select(held => _snapshot.Find(held.Owner)).OfType<ServerBackend>()], holders[0] with { Owner = session.Pid, Mode = last.Mode, Granted = false });
        }

        // It is still the same transaction only where that began before it was seen in the way.
        var still = last.BlockedBy.Select(_snapshot.Find).OfType<ServerBackend>()
            .Where(backend => _snapshot.HeldBy(backend).Any() && !(backend.TransactionBegan > last.SeenAt))
            .ToList();
        return Chain(still, null);
    }

    private IEnumerable<Found> TurnHolders() =>
        from held in _snapshot.Locks
        where held.Granted && held.Key is { } key && _turnKeys.Contains(key)
        let backend = _snapshot.Find(held.Owner)
        where backend is not null && IsElse(backend) && !IsSideOfAnother(backend)
        select new Found(backend, [held], false);

    /// <summary>Follows who waits for whom to those who wait for nobody. Those in between are named too where they hold the lock themselves, and are not only first in its queue.</summary>
    private List<Found> Chain(IReadOnlyList<ServerBackend> blockers, ServerLock? wanted)
    {
        List<Found> found = [];
        HashSet<int> seen = [];
        var next = new Queue<(ServerBackend Backend, ServerLock? Wanted, bool Direct)>(blockers.Select(blocker => (blocker, wanted, true)));
        while (next.TryDequeue(out var link))
        {
            if (!seen.Add(link.Backend.Id) || !IsElse(link.Backend))
                continue;
            IReadOnlyList<ServerLock> held = link.Wanted is { } wants ? [.. _snapshot.InTheWay(link.Backend, wants).Select(some => OfRow(some, wants))] : [];
            List<ServerBackend> further = [.. _snapshot.BlockersOf(link.Backend.Id).Where(IsElse)];
            if (further.Count == 0 || (link.Direct && held.Count > 0))
                found.Add(new Found(link.Backend, held, further.Count > 0));
            foreach (var blocker in further)
                next.Enqueue((blocker, _snapshot.WantedBy(link.Backend.Id), false));
        }
        return found;
    }

    // Who waits for a row waits for the transaction that has changed it, and shows the row's table by another lock.
    private ServerLock OfRow(ServerLock held, ServerLock wanted) =>
        held.Kind == "transactionid" && _snapshot.Locks.FirstOrDefault(row => row.Granted && row.Kind == "tuple" && row.Owner == wanted.Owner) is { } tuple
            ? held with { Kind = tuple.Kind, Name = tuple.Name }
            : held;

    private Blocker Describe(ServerBackend backend, IReadOnlyList<ServerLock> held)
    {
        HidesSomething |= backend.IsHidden;
        IReadOnlyList<ServerLock> shown = held.Count > 0 ? held : [.. _snapshot.HeldBy(backend).Where(some => some.OfUser || some.Kind == "advisory")];
        if (shown.Count == 0)
            shown = [.. _snapshot.HeldBy(backend).Where(some => some.Kind is "transactionid" or "virtualxid")];
        var here = IsThisProcess(backend);
        var known = shown.Select(some => (long)_known.GetValueOrDefault(Lasting(some)).TotalMilliseconds).DefaultIfEmpty().Max();

        // What an idle session holds, it has held for as long as it has been idle.
        var idle = backend.Prepared is not null ? backend.TransactionMs : backend.IsIdle ? backend.StateMs : null;
        return new Blocker
        {
            Pid = backend.Pid,
            Program = HolderWords.Program(backend, _snapshot),
            ThisProcess = here,
            Holds = Names(shown.OrderByDescending(Rank).Select(Mode), "a lock"),
            Resource = Names(shown.OrderByDescending(Rank).Select(some => IsTurn(some) ? PostgreSqlHistory.TableName : some.Resource), "this database"),
            State = HolderWords.State(backend, _snapshot),
            AnonymousState = HolderWords.AnonymousState(backend, _snapshot),
            ForMs = Math.Max(known, idle ?? 0),
            Statement = _showStatements && !backend.IsHidden && backend.Query is { Length: > 0 } query ? query : null,
            Hint = _leftBehind.Contains(backend.Id) && backend.Instance == ApplicationName.Own
                ? "a session of this process whose connection has broken; it is ended as soon as the server can be reached"
                : HolderWords.Hint(backend, here, [.. _snapshot.BlockersOf(backend.Id).Where(IsElse)]),
        };
    }

    private bool IsElse(ServerBackend backend) => !_own.Contains(backend.Id);

    private bool IsThisProcess(ServerBackend backend) =>
        backend.Instance == ApplicationName.Own
        || (backend.Port is { } port && _ports.Contains(port) && backend.Address is { } text && IPAddress.TryParse(text, out var address) && (IPAddress.IsLoopback(address) || _addresses.Contains(address)));

    // An instance has the turn with two sessions: the one that works stands for both.
    private bool IsSideOfAnother(ServerBackend backend) =>
        backend.IsMigrationHost && _snapshot.HeldBy(backend).All(held => !held.OfUser)
        && _snapshot.Backends.Any(other => other.Id != backend.Id && other.Instance == backend.Instance && _snapshot.HeldBy(other).Any(IsTurn) && Keys(other).Max() > Keys(backend).DefaultIfEmpty().Max());

    private IEnumerable<long> Keys(ServerBackend backend) => _snapshot.HeldBy(backend).Where(IsTurn).Select(held => held.Key!.Value);

    private bool IsTurn(ServerLock held) => held.Key is { } key && (_turnKeys.Contains(key) || _snapshot.Find(held.Owner)?.IsMigrationHost == true);

    private string Mode(ServerLock held) => IsTurn(held) ? Turn : held.Mode;

    private int Rank(ServerLock held) => IsTurn(held) ? int.MaxValue : LockModes.Strength(held.Mode);

    // For how long it is waited for changes at every look.
    private static ServerLock Lasting(ServerLock held) => held with { WaitsForMs = null };

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

    private static HashSet<IPAddress> LocalAddresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(address => address.Address)];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
