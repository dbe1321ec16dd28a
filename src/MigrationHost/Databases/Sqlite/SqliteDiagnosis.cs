using System.Globalization;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Finds out who holds which lock on a database file, from the kernel's table of locks alone: it opens neither the file nor a connection.</summary>
internal sealed class SqliteDiagnosis(string name, string path, bool showStatements, TimeProvider time)
{
    private const long LargeWal = 256L << 20;

    private readonly KnownSince<(int Pid, string Holds)> _known = new(time);
    private readonly string _file = Path.GetFileName(path);

    /// <param name="sessions">What each of our own sessions is doing.</param>
    public LockDiagnosis Take(IReadOnlyList<SqliteActivity> sessions)
    {
        if (ProcLocks.Read() is not { } locks || FileIdentity.Of("/proc/locks") is null)
            return Found([], [], "this system does not show who holds a lock on a file", hidden: true);

        var weWrite = sessions.Any(session => session is SqliteActivity.Writes or SqliteActivity.WaitsToCommit or SqliteActivity.WaitsForAll);
        var held = StrongestPerProcess(locks)
            .Where(holder => holder.Pid != Environment.ProcessId || !IsOurs(holder.Kind, sessions, weWrite))
            .ToList();
        var turn = TurnHolder(locks, sessions);
        var durations = _known.Seen([.. held.Select(holder => (holder.Pid, SqliteLocks.NameOf(holder.Kind))), .. turn.Select(pid => (pid, "TURN"))]);

        List<Blocker> Blockers(Func<SqliteLockKind, bool> which) =>
        [
            .. held.Where(holder => which(holder.Kind))
                .OrderByDescending(holder => holder.Kind)
                .Select(holder => Holder(holder.Pid, holder.Kind, durations[(holder.Pid, SqliteLocks.NameOf(holder.Kind))])),
        ];
        var instances = turn.Select(pid => OtherInstance(pid, durations[(pid, "TURN")])).ToList();
        var blockers = Blockers(kind => sessions.Any(session => SqliteLocks.HoldsUp(kind, session)));
        if (sessions.Contains(SqliteActivity.WaitsForTurn))
            blockers.AddRange(instances);

        var hidden = false;
        if (blockers.Count == 0 && sessions.Any(session => session is SqliteActivity.WaitsToCommit))
        {
            // A process's read locks on a file are one to the kernel: a reader in this process shows as ours.
            hidden = ProcessInfo.OthersMayBeHidden && !AnotherConnectionHere(sessions.Count);
            if (!hidden)
                blockers.Add(Holder(Environment.ProcessId, SqliteLockKind.Shared, TimeSpan.Zero));
        }
        else if (blockers.Count == 0 && sessions.Any(session => session is SqliteActivity.WaitsToRead or SqliteActivity.WaitsToWrite or SqliteActivity.WaitsForTurn))
            hidden = ProcessInfo.OthersMayBeHidden;

        var note = string.Join("; ", Notes(held, weWrite, hidden));
        return Found([.. Blockers(kind => kind > SqliteLockKind.Connected), .. instances], blockers, note, hidden);
    }

    private LockDiagnosis Found(IReadOnlyList<Blocker> holders, IReadOnlyList<Blocker> blockers, string note, bool hidden) => new(
        new LockReport
        {
            Database = name,
            DiagnosedAt = time.GetUtcNow(),
            Complete = !hidden,
            Note = note.Length == 0 ? null : note,
            Holders = holders,
        },
        blockers);

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

    private static bool IsOurs(SqliteLockKind kind, IReadOnlyList<SqliteActivity> sessions, bool weWrite) =>
        weWrite || kind is SqliteLockKind.Connected
        || kind is SqliteLockKind.Shared or SqliteLockKind.WalRead && sessions.Count > 0;

    private List<int> TurnHolder(IReadOnlyList<FileLock> locks, IReadOnlyList<SqliteActivity> sessions) =>
    [
        .. On(TurnFile.PathFor(path), locks)
            .Where(held => held.WholeFile && (held.Pid != Environment.ProcessId || sessions.Contains(SqliteActivity.WaitsForTurn)))
            .Select(held => held.Pid),
    ];

    private bool AnotherConnectionHere(int ownSessions) => ProcessInfo.OpenDescriptors(Environment.ProcessId, path) > ownSessions;

    private Blocker Holder(int pid, SqliteLockKind kind, TimeSpan known)
    {
        var program = ProcessInfo.Program(pid);
        var here = pid == Environment.ProcessId;
        return new Blocker
        {
            Pid = pid,
            Program = program,
            ThisProcess = here,
            Holds = SqliteLocks.NameOf(kind),
            Resource = _file,
            State = SqliteLocks.StateOf(kind),
            ForMs = (long)known.TotalMilliseconds,
            Statement = showStatements ? ProcessInfo.CommandLine(pid) : null,
            Hint = here
                ? "this process holds it: a connection opened elsewhere in the application has an open transaction. Commit, roll back or dispose it before the migrations start."
                : $"let {program ?? "it"} (pid {pid}) commit or roll back, or end it",
        };
    }

    private Blocker OtherInstance(int pid, TimeSpan known) => new()
    {
        Pid = pid,
        Program = ProcessInfo.Program(pid),
        ThisProcess = pid == Environment.ProcessId,
        Holds = "TURN",
        Resource = Path.GetFileName(TurnFile.PathFor(path)),
        State = TurnFile.ReadHolder(path)?.Doing ?? "migrates this database",
        ForMs = (long)known.TotalMilliseconds,
        Statement = showStatements ? ProcessInfo.CommandLine(pid) : null,
        Hint = "another MigrationHost instance has the turn; it is handed on when that one finishes or ends",
    };

    private IEnumerable<string> Notes(IReadOnlyList<(int Pid, SqliteLockKind Kind)> held, bool weWrite, bool hidden)
    {
        if (hidden)
            yield return "nobody can be seen who holds the lock, but this process lives in a PID namespace of its own: the holder may be in another container";
        var writer = weWrite || held.Any(holder => holder.Kind >= SqliteLockKind.WalWrite);
        if (!writer && SqliteFile.Length(SqliteFile.Journal(path)) > 0)
            yield return $"{_file}-journal is a hot journal: a process was ended while it wrote; the next writer restores the last committed state";
        if (SqliteFile.Length(SqliteFile.Wal(path)) is var wal and > LargeWal)
            yield return string.Create(CultureInfo.InvariantCulture, $"{_file}-wal has grown to {wal >> 20} MiB: long readers keep it from being reset");
    }
}
