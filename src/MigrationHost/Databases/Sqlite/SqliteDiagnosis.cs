using System.Globalization;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Finds out who holds which lock on a database file, from the kernel's table of locks alone: it opens neither the file nor a connection.</summary>
internal sealed partial class SqliteDiagnosis(string name, string path, bool showStatements, TimeProvider time)
{
    private const string Turn = "TURN";
    private const string Migrates = "migrates this database";
    private const long LargeWal = 256L << 20;

    private readonly KnownSince<(int Pid, string Holds)> _known = new(time);
    private readonly string _file = Path.GetFileName(path);

    /// <param name="sessions">What each of our own sessions is doing.</param>
    public LockDiagnosis Take(IReadOnlyList<SqliteActivity> sessions)
    {
        if (ProcLocks.Read() is not { } locks || FileIdentity.Of("/proc/locks") is null)
            return Found([], [], "this system does not show who holds a lock on a file", complete: false);

        List<(int Pid, SqliteLockKind Kind)> all = [.. StrongestPerProcess(locks)];
        var held = all.FindAll(holder => !OwnChildren.Contains(holder.Pid) && (holder.Pid != Environment.ProcessId || !IsOurs(holder.Kind, sessions)));
        var waits = sessions.Any(session => session is not (SqliteActivity.Idle or SqliteActivity.Writes));
        var instances = TurnHolders(locks, sessions);
        if (LeakedReader(all, held, sessions) is { } leak)
            held.Add(leak);

        var known = _known.Seen([.. held.Select(holder => (holder.Pid, SqliteLocks.NameOf(holder.Kind))), .. instances.Select(pid => (pid, Turn))]);
        List<(SqliteLockKind Kind, Blocker Blocker)> holders =
        [
            .. held.Select(holder => (holder.Kind, Blocker: Holder(holder.Pid, holder.Kind, known[(holder.Pid, SqliteLocks.NameOf(holder.Kind))])))
                .OrderByDescending(holder => holder.Kind).ThenByDescending(holder => holder.Blocker.ForMs),
        ];
        List<Blocker> others = [.. instances.Select(pid => OtherInstance(pid, known[(pid, Turn)]))];
        List<Blocker> blockers =
        [
            .. holders.Where(holder => sessions.Any(session => SqliteLocks.HoldsUp(holder.Kind, session))).Select(holder => holder.Blocker),
            .. sessions.Contains(SqliteActivity.WaitsForTurn) ? others : [],
        ];

        // Nobody to be seen means nobody only where everybody can be seen.
        var hidden = ProcessInfo.OthersMayBeHidden && (waits ? blockers.Count : holders.Count) == 0;
        return Found(
            [.. holders.Where(holder => holder.Kind > SqliteLockKind.Connected).Select(holder => holder.Blocker), .. others],
            blockers,
            string.Join("; ", Notes(held, sessions, hidden)),
            complete: !hidden);
    }

    /// <summary>Whether somebody is seen to be in the way of a session of ours that holds nothing.</summary>
    public bool IsHeldUp(SqliteActivity session) =>
        ProcLocks.Read() is { } locks && StrongestPerProcess(locks).Any(holder => SqliteLocks.HoldsUp(holder.Kind, session));

    private LockDiagnosis Found(IReadOnlyList<Blocker> holders, IReadOnlyList<Blocker> blockers, string note, bool complete) => new(
        new LockReport
        {
            Database = name,
            DiagnosedAt = time.GetUtcNow(),
            Complete = complete,
            Note = note.Length == 0 ? null : note,
            Holders = holders,
        },
        blockers)
    {
        OwnPid = Environment.ProcessId,
        OwnProgram = ProcessInfo.Program(Environment.ProcessId),
    };

    private IEnumerable<(int Pid, SqliteLockKind Kind)> StrongestPerProcess(IReadOnlyList<FileLock> locks)
    {
        var onShm = On(SqliteFile.Shm(path), locks).ToList();
        return On(path, locks).SelectMany(held => SqliteLocks.OnDatabase(held, inWalMode: onShm.Count > 0), (held, kind) => (held.Pid, kind))
            .Concat(onShm.SelectMany(SqliteLocks.OnShm, (held, kind) => (held.Pid, kind)))
            .GroupBy(holder => holder.Pid)
            .Select(process => (process.Key, process.Max(holder => holder.kind)));
    }

    // Overlay file systems can show another device in /proc/locks than statx does: then an open descriptor decides.
    private static IEnumerable<FileLock> On(string file, IReadOnlyList<FileLock> locks) =>
        FileIdentity.Of(file) is not { } identity ? []
        : locks.Where(held => held.File.Inode == identity.Inode && (held.File == identity || ProcessInfo.OpenDescriptors(held.Pid, file) > 0));

    private static bool IsOurs(SqliteLockKind kind, IReadOnlyList<SqliteActivity> sessions) =>
        WeWrite(sessions) || kind is SqliteLockKind.Connected
        || kind is SqliteLockKind.Shared or SqliteLockKind.WalRead && sessions.Any(session => session != SqliteActivity.GaveWay);

    private static bool WeWrite(IReadOnlyList<SqliteActivity> sessions) =>
        sessions.Any(session => session is SqliteActivity.Writes or SqliteActivity.WaitsToCommit or SqliteActivity.WaitsForAll);

    private List<int> TurnHolders(IReadOnlyList<FileLock> locks, IReadOnlyList<SqliteActivity> sessions) =>
    [
        .. On(TurnFile.PathFor(path), locks)
            .Where(held => held.WholeFile && !OwnChildren.Contains(held.Pid) && (held.Pid != Environment.ProcessId || sessions.Contains(SqliteActivity.WaitsForTurn)))
            .Select(held => held.Pid),
    ];

    /// <summary>A process's read locks on a file are one to the kernel, so a reader in this very process shows as ours: it is the one left over when a commit is refused and no other reader is to be seen. Once we have the file exclusively there is none.</summary>
    private (int, SqliteLockKind)? LeakedReader(List<(int Pid, SqliteLockKind Kind)> all, List<(int Pid, SqliteLockKind Kind)> held, IReadOnlyList<SqliteActivity> sessions) =>
        sessions.Contains(SqliteActivity.WaitsToCommit)
        && !all.Contains((Environment.ProcessId, SqliteLockKind.Exclusive))
        && !held.Exists(holder => SqliteLocks.HoldsUp(holder.Kind, SqliteActivity.WaitsToCommit))
        && (!ProcessInfo.OthersMayBeHidden || AnotherConnectionHere(sessions.Count))
            ? (Environment.ProcessId, SqliteLockKind.Shared)
            : null;

    private bool AnotherConnectionHere(int ownSessions) => ProcessInfo.OpenDescriptors(Environment.ProcessId, path) > ownSessions;

    private Blocker Holder(int pid, SqliteLockKind kind, TimeSpan known)
    {
        var program = ProcessInfo.Program(pid);
        var here = pid == Environment.ProcessId;
        var stopped = ProcessInfo.IsStopped(pid);
        var state = $"{SqliteLocks.StateOf(kind)}{(stopped ? ", and is stopped" : "")}";
        return new Blocker
        {
            Pid = pid,
            Program = program,
            ThisProcess = here,
            Holds = SqliteLocks.NameOf(kind),
            Resource = _file,
            State = state,
            AnonymousState = state,
            ForMs = (long)known.TotalMilliseconds,
            Statement = showStatements ? ProcessInfo.CommandLine(pid) : null,
            Hint = here
                ? "this process holds it: a connection opened elsewhere in the application has an open transaction. Commit, roll back or dispose it before the migrations start."
                : stopped ? Continue(program, pid)
                : $"let {program ?? "it"} (pid {pid}) commit or roll back, or end it",
        };
    }

    private static string Continue(string? program, int pid) =>
        $"{program ?? "it"} (pid {pid}) was stopped, by Ctrl-Z or a debugger: let it go on (kill -CONT {pid}), and commit or roll back, or end it (kill -KILL {pid})";

    private Blocker OtherInstance(int pid, TimeSpan known) => new()
    {
        Pid = pid,
        Program = ProcessInfo.Program(pid),
        ThisProcess = pid == Environment.ProcessId,
        Holds = Turn,
        Resource = Path.GetFileName(TurnFile.PathFor(path)),
        State = TurnFile.ReadHolder(path)?.Doing ?? Migrates,
        AnonymousState = Migrates,
        ForMs = (long)known.TotalMilliseconds,
        Statement = showStatements ? ProcessInfo.CommandLine(pid) : null,
        Hint = ProcessInfo.IsStopped(pid) ? Continue(ProcessInfo.Program(pid), pid) : "another MigrationHost instance has the turn; it is handed on when that one finishes or ends",
    };

    private IEnumerable<string> Notes(List<(int Pid, SqliteLockKind Kind)> held, IReadOnlyList<SqliteActivity> sessions, bool hidden)
    {
        if (hidden)
            yield return "nobody is to be seen who holds a lock, but this process lives in a PID namespace of its own: a holder may be in another container";
        var writer = WeWrite(sessions) || held.Exists(holder => holder.Kind >= SqliteLockKind.WalWrite);
        if (!writer && SqliteFile.Length(SqliteFile.Journal(path)) > 0)
            yield return $"{_file}-journal is a hot journal: a process was ended while it wrote; the next writer restores the last committed state";
        if (SqliteFile.Length(SqliteFile.Wal(path)) is var wal and > LargeWal)
            yield return string.Create(CultureInfo.InvariantCulture, $"{_file}-wal has grown to {wal >> 20} MiB: long readers keep it from being reset");
    }
}
