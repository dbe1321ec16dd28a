using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>Who waits for whom, down to those who wait for nobody: pure, from what the server shows.</summary>
/// <param name="snapshot">What the server shows.</param>
/// <param name="own">Our own sessions, which are never in the way.</param>
internal sealed partial class MySqlChains(MySqlSnapshot snapshot, IReadOnlySet<int> own)
{
    private const int Deepest = 16;

    /// <summary>Everybody behind whom a session waits, the roots first.</summary>
    public IReadOnlyList<MySqlHolder> Behind(MySqlThread waiter) =>
        Order(waiter.Id, DirectlyInTheWayOf(waiter.Id, waiter.State, waiter.Statement));

    /// <summary>Everybody behind whom a session of ours waited when it was last refused: between two attempts it waits for
    /// nothing.</summary>
    public IReadOnlyList<MySqlHolder> Behind(int waiter, MySqlLockWait last) =>
        Order(waiter, InTheWayOfStatement(waiter, last.Statement, isRow: true, isGlobal: true));

    /// <summary>A holder, and everybody behind whom it waits itself.</summary>
    public IReadOnlyList<MySqlHolder> From(MySqlHolder holder) => Order(0, [holder]);

    /// <summary>Whether a session waits for a lock.</summary>
    public static bool Waits(MySqlThread thread) =>
        MySqlStates.LockWaitedFor(thread.State) is not null || thread.Transaction is { IsWaiting: true };

    /// <summary>What such a session waits for, in words.</summary>
    public string? WaitsFor(MySqlThread thread) =>
        snapshot.RowWaits.FirstOrDefault(wait => wait.Waiter == thread.Id) is { } row ? $"a row of {row.Table}"
        : thread.Transaction is { IsWaiting: true } ? "a row"
        : MySqlStates.LockWaitedFor(thread.State);

    private List<MySqlHolder> Order(int waiter, IEnumerable<MySqlHolder> direct)
    {
        var found = new List<(MySqlHolder Holder, bool IsRoot)>();
        var seen = new HashSet<int> { waiter };
        Follow(direct, 0);
        return
        [
            .. from one in found
               orderby one.IsRoot descending, one.Holder.Thread?.Transaction?.AgeMs descending
               select one.Holder,
        ];

        void Follow(IEnumerable<MySqlHolder> holders, int depth)
        {
            foreach (var holder in holders)
            {
                if (holder.Thread is { } known && (own.Contains(known.Id) || !seen.Add(known.Id)))
                    continue;
                List<MySqlHolder> behind = holder.Thread is { } thread && depth < Deepest && Waits(thread)
                    ? [.. DirectlyInTheWayOf(thread.Id, thread.State, thread.Statement)
                        .Where(other => other.Thread is null || !own.Contains(other.Thread.Id))]
                    : [];
                found.Add((holder with { WaitsFor = behind }, behind.Count == 0));
                Follow(behind, depth + 1);
            }
        }
    }

    private IEnumerable<MySqlHolder> DirectlyInTheWayOf(int waiter, string? state, string? statement)
    {
        var rows = snapshot.RowWaits.Where(wait => wait.Waiter == waiter).ToList();
        if (rows.Count > 0)
            return rows.Select(OfRow);
        return MySqlStates.LockWaitedFor(state) is null ? []
            : InTheWayOfStatement(waiter, statement ?? "", isRow: false, MySqlStates.IsGlobal(state));
    }

    private MySqlHolder OfRow(MySqlRowWait wait) => new(snapshot.Find(wait.Blocker), [])
    {
        RowOf = wait.Table,
        Prepared = wait.Blocker == 0 && snapshot.Prepared is [var only, ..] ? only : null,
    };

    private List<MySqlHolder> InTheWayOfStatement(int waiter, string statement, bool isRow, bool isGlobal)
    {
        var text = WithoutComment(statement);
        var pending = snapshot.Locks.Where(one => one.Thread == waiter && !one.Granted).ToList();
        var names = Name().Matches(text).Select(match => match.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var first = names.Count > 0 ? Name().Match(text).Value : "";
        var holders = (
            from held in snapshot.Locks
            where held.Granted && held.Thread != waiter
            where isGlobal && held.IsOnEverything || held.Kind == MySqlLockKind.Table && IsWanted(held)
            group held by held.Thread into of
            let thread = snapshot.Find(of.Key)
            where thread is not null
            let always = isRow && thread.Transaction is { Rows: > 0 } || IsQueuedDdl(thread)
            let inTheWay = of.Where(held => always || held.IsOnEverything || held.Stops(first)).ToList()
            where inTheWay.Count > 0
            select new MySqlHolder(thread, inTheWay)).ToList();
        if (holders.Count > 0)
            return holders;

        // Nobody is seen: a prepared transaction keeps its locks without a session, and where metadata locks are hidden, whoever has a
        // transaction open in this database may be the one.
        return
        [
            .. snapshot.Prepared.Take(snapshot.WithoutSession.Count).Select(prepared => new MySqlHolder(null, []) { Prepared = prepared }),
            .. snapshot.SeesMetadataLocks ? [] : Suspects(waiter),
        ];

        bool IsWanted(MySqlHeldLock held) => pending.Count > 0
            ? pending.Exists(one => one.Schema == held.Schema && one.Name == held.Name)
            : names.Contains(held.Name);
    }

    private IEnumerable<MySqlHolder> Suspects(int waiter)
    {
        var database = snapshot.Find(waiter)?.Database;
        return from thread in snapshot.Threads
               where thread.Id != waiter && !own.Contains(thread.Id) && !thread.IsServers && !Waits(thread)
               where thread.Transaction is not null || thread is { IsIdle: false, Words: null } && thread.Database == database
               where thread.Database is null || database is null || thread.Database == database
               select new MySqlHolder(thread, []);
    }

    // Everybody queues up behind an ALTER that waits.
    private static bool IsQueuedDdl(MySqlThread thread) =>
        Waits(thread) && Name().Match(WithoutComment(thread.Statement ?? "")) is { Success: true } first
        && new MySqlHeldLock(0, MySqlLockKind.Table, "SHARED", "", "", true).Stops(first.Value);

    private static string WithoutComment(string statement)
    {
        var bytes = Encoding.UTF8.GetBytes(statement);
        return Encoding.UTF8.GetString(bytes.AsSpan(SqlText.BlankLength(bytes)));
    }

    [GeneratedRegex(@"[\w$]+", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
