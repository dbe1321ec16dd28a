using System.Globalization;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Finds out who holds which lock on a database file, from the kernel alone: it opens neither the file nor a connection.</summary>
internal sealed partial class SqliteDiagnosis(string name, string path, bool showStatements, TimeProvider time)
{
    private const string NotShown = "this system does not show who holds a lock on a file";
    private const long LargeWal = 256L << 20;

    private readonly KnownSince<(int Pid, string Holds)> _known = new(time);
    private readonly SqliteHolderWords _words = new(path, showStatements);
    private readonly string _file = Path.GetFileName(path);

    /// <param name="sessions">What each of our own sessions is doing.</param>
    public LockDiagnosis Take(IReadOnlyList<SqliteActivity> sessions)
    {
        if (SqliteSnapshot.Read(path) is not { } seen)
            return Found([], [], [NotShown]);

        var others = SqliteOwn.Others(seen, sessions);
        var chain = SqliteWay.Chain(others, ProcessInfo.IsAsleep);
        var weCommit = seen.Own is { IsCommitting: true };
        var inTheWay = SqliteWay.Of(chain, holder => sessions.Any(session => HoldsUp(holder, session, weCommit)));
        var unseen = inTheWay.Count > 0 ? null : Unnamed(seen, sessions);
        if (unseen is { Pid: not null } own)
            inTheWay = [new SqliteObstacle(new SqliteHolder(own.Pid.Value, [own.Lock], []))];

        var turn = seen.TurnHolders.Where(pid => pid != Environment.ProcessId || sessions.Contains(SqliteActivity.WaitsForTurn)).ToList();
        var known = _known.Seen(
        [
            .. chain.Concat(inTheWay).Select(Key),
            .. turn.Select(pid => (pid, SqliteHolderWords.Turn)),
            .. unseen is { Pid: null } hidden ? new[] { (SqliteHolderWords.Unseen, SqliteLocks.NameOf(hidden.Lock)) } : [],
            .. sessions.Contains(SqliteActivity.WaitsForTurn) ? new[] { (SqliteHolderWords.Unseen, SqliteHolderWords.Turn) } : [],
        ]);
        var mustClose = seen.InWalMode && sessions.Contains(SqliteActivity.WaitsForAll);
        var instances = turn.ConvertAll(pid => _words.TurnHolder(pid, known[(pid, SqliteHolderWords.Turn)]));
        if (instances.Count == 0 && sessions.Contains(SqliteActivity.WaitsForTurn) && ProcessInfo.OthersMayBeHidden
            && _words.HiddenTurnHolder(known[(SqliteHolderWords.Unseen, SqliteHolderWords.Turn)]) is { } instance)
        {
            instances.Add(instance);
        }

        List<Blocker> blockers = [.. inTheWay.Select(Describe)];
        if (unseen is { Pid: null } far)
            blockers.Add(_words.Hidden(far.Lock, known[(SqliteHolderWords.Unseen, SqliteLocks.NameOf(far.Lock))]));
        if (sessions.Contains(SqliteActivity.WaitsForTurn))
            blockers.AddRange(instances);
        List<Blocker> holders =
        [
            .. chain.Where(obstacle => obstacle.Holder.Strongest > SqliteLockKind.Connected)
                .Concat(inTheWay.Where(obstacle => unseen is not null && obstacle.Holder.Strongest > SqliteLockKind.Connected))
                .OrderBy(obstacle => obstacle.WaitsFor.Count > 0).ThenByDescending(obstacle => obstacle.Holder.Strongest)
                .Select(Describe),
            .. instances,
        ];
        var waits = sessions.Any(Waits);
        return Found(
            holders,
            blockers,
            WhatMayBeHidden(seen, found: (waits ? blockers.Count : holders.Count) > 0),
            Notes(seen),
            [.. chain.Where(obstacle => obstacle.WaitsFor.Count > 0).Select(Waiter)]);

        (int, string) Key(SqliteObstacle obstacle) => (obstacle.Holder.Pid, SqliteLocks.NameOf(obstacle.Holder.Strongest));

        // An instance that migrates holds other locks as well: what ends its turn ends those.
        Blocker Describe(SqliteObstacle obstacle)
        {
            var holder = _words.Describe(obstacle, known[Key(obstacle)], mustClose);
            var itsTurn = holder is { ThisProcess: false, Pid: { } pid } ? instances.Find(instance => instance.Pid == pid) : null;
            return itsTurn is null ? holder : holder with { Hint = itsTurn.Hint };
        }

        LockWaiter Waiter(SqliteObstacle obstacle) => new(
            obstacle.Holder.Pid,
            ProcessInfo.Program(obstacle.Holder.Pid),
            obstacle.Holder.IsCommitting ? "the commit" : "the checkpoint",
            (long)known[Key(obstacle)].TotalMilliseconds,
            [.. obstacle.WaitsFor.Select(reader => reader.Pid).Where(pid => pid > 0)])
        {
            Behind = [.. obstacle.WaitsFor.Select(reader => reader.Pid)],
        };
    }

    /// <summary>Whether another process is seen to be in the way of a session of ours that holds nothing.</summary>
    public bool IsHeldUp(SqliteActivity session) =>
        SqliteSnapshot.Read(path) is { } seen
        && seen.Holders.Any(holder => holder.HoldsUp(session) && (holder != seen.Own || session == SqliteActivity.GaveWay));

    // While we wait for readers to end, our commit has the file's PENDING lock. Without it, another file was refused: one that is attached.
    private static bool HoldsUp(SqliteHolder holder, SqliteActivity session, bool weCommit) =>
        session == SqliteActivity.WaitsToCommit && !weCommit
        ? holder.HoldsUp(SqliteActivity.WaitsToWrite)
        : holder.HoldsUp(session);

    /// <summary>
    /// Who was in the way if nobody is visible who was: this very process, or one that is hidden. Null if that is not known.
    /// </summary>
    /// <remarks>
    /// A process's read locks on a file are one to the kernel, so a reader in this process shows as ours. The kernel says whether anybody
    /// else has a lock there; if nobody has, and we were refused, it is another connection of this process.
    /// </remarks>
    private (SqliteLockKind Lock, int? Pid)? Unnamed(SqliteSnapshot seen, IReadOnlyList<SqliteActivity> sessions)
    {
        var weCommit = seen.Own is { IsCommitting: true };
        foreach (var session in sessions.Where(session => Waits(session) && session != SqliteActivity.WaitsForTurn))
        {
            if (session == SqliteActivity.WaitsToCommit && !weCommit
                || SqliteProbe.WhoHoldsUp(path, session, seen.InWalMode) is not var (kind, holder))
                continue;
            if (holder.Kind == LockConflictKind.Hidden)
                return (kind, null);
            var merges = session == SqliteActivity.WaitsForAll
                || weCommit && session is SqliteActivity.WaitsToCommit or SqliteActivity.WaitsToVacuum;
            if (holder.Kind == LockConflictKind.Nobody && merges)
                return (kind, Environment.ProcessId);
        }
        return null;
    }

    private LockDiagnosis Found(
        IReadOnlyList<Blocker> holders,
        IReadOnlyList<Blocker> blockers,
        List<string> hidden,
        IEnumerable<string>? notes = null,
        IReadOnlyList<LockWaiter>? waiters = null)
    {
        var note = string.Join("; ", hidden.Concat(notes ?? []));
        return new LockDiagnosis(
            new LockReport
            {
                Database = name,
                DiagnosedAt = time.GetUtcNow(),
                Complete = hidden.Count == 0,
                Note = note.Length == 0 ? null : note,
                Holders = holders,
                Waiters = waiters ?? [],
            },
            blockers)
        {
            OwnPid = Environment.ProcessId,
            OwnProgram = ProcessInfo.Program(Environment.ProcessId),
        };
    }

    /// <summary>Why there may be others than those who were found; empty if there cannot be any.</summary>
    private List<string> WhatMayBeHidden(SqliteSnapshot seen, bool found)
    {
        List<string> reasons = [];
        if (ProcessInfo.OthersMayBeHidden)
        {
            reasons.Add(found
                ? "this process lives in a PID namespace of its own: more holders may be in other containers"
                : "no lock holder is visible, but this process lives in a PID namespace of its own: a holder may be in another container");
        }
        if (NetworkFileSystem.KindOf(path) is { } kind)
            reasons.Add($"{_file} is on {kind}: locks that other machines hold do not show here");
        if (seen.Unsure.Count > 0)
            reasons.Add($"pid {string.Join(", ", seen.Unsure)} may hold a lock too: the system does not show on which file");
        return reasons;
    }

    private IEnumerable<string> Notes(SqliteSnapshot seen)
    {
        if (JournalNote(seen) is { } journal)
            yield return journal;
        if (SqliteFile.Length(SqliteFile.Wal(path)) is var wal and > LargeWal)
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{_file}-wal has grown to {wal >> 20} MiB: long readers keep it from being reset");
    }

    // A writer's journal exists for less time than its lock. So a journal that is the same before and after a look at the locks belongs to
    // nobody, if nobody has one.
    private string? JournalNote(SqliteSnapshot seen)
    {
        if (HasWriter(seen) || SqliteJournal.Filled(path) is not { } journal)
            return null;
        if (ProcessInfo.OthersMayBeHidden || NetworkFileSystem.KindOf(path) is not null)
            return $"{_file}-journal exists: "
                + "a process is writing, or was ended while it wrote (the next writer restores what was committed)";
        return SqliteSnapshot.Read(path) is { } again && !HasWriter(again) && again.Unsure.Count == 0
            && SqliteJournal.Filled(path) == journal
            ? $"{_file}-journal is a hot journal: a process was ended while it wrote; the next writer restores the last committed state"
            : null;
    }

    private static bool Waits(SqliteActivity session) => session is not (SqliteActivity.Idle or SqliteActivity.Writes);

    private static bool HasWriter(SqliteSnapshot seen) => seen.Holders.Any(holder => holder.Strongest >= SqliteLockKind.WalWrite);
}
