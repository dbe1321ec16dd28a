using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Holders of locks in words: what each does, and the command that ends it.</summary>
/// <param name="path">The database.</param>
/// <param name="showStatements">Whether a command line may be shown.</param>
internal sealed class SqliteHolderWords(string path, bool showStatements)
{
    public const string Turn = "TURN";

    /// <summary>A pid of nobody: for a holder that cannot be seen.</summary>
    public const int Unseen = 0;

    private const string Migrates = "migrates this database";
    private const string Elsewhere = "in another PID namespace: another container, or the host";

    private readonly string _file = Path.GetFileName(path);

    /// <summary>A process with a lock.</summary>
    /// <param name="obstacle">The process, with who waits for whom.</param>
    /// <param name="known">For how long it is known to hold it.</param>
    /// <param name="mustClose">Whether its connection itself is in the way, not only its transaction.</param>
    public Blocker Describe(SqliteObstacle obstacle, TimeSpan known, bool mustClose)
    {
        var (pid, kind) = (obstacle.Holder.Pid, obstacle.Holder.Strongest);
        var status = ProcessStatus.Of(pid);
        var stopped = status is { IsStopped: true } ? ", and is stopped" : "";
        return new Blocker
        {
            Pid = pid > 0 ? pid : null,
            Id = pid,
            Program = ProcessInfo.Program(pid),
            ThisProcess = pid == Environment.ProcessId,
            Holds = SqliteLocks.NameOf(kind),
            Resource = _file,
            State = $"{State(obstacle)}{WaitedForBy(obstacle)}{stopped}",
            AnonymousState = $"{State(kind)}{stopped}",
            ForMs = (long)known.TotalMilliseconds,
            Statement = showStatements ? ProcessInfo.CommandLine(pid) : null,
            Hint = pid > 0 ? Hint(pid, status, mustClose ? "close its connection" : "commit or roll back", mustClose) : FindOpenFile(),
        };
    }

    /// <summary>A process whose lock the kernel knows of, but which cannot be seen from here.</summary>
    public Blocker Hidden(SqliteLockKind kind, TimeSpan known) => new()
    {
        Pid = null,
        Id = Unseen,
        Program = null,
        Holds = SqliteLocks.NameOf(kind),
        Resource = _file,
        State = Elsewhere,
        AnonymousState = Elsewhere,
        ForMs = (long)known.TotalMilliseconds,
        Hint = $"find it on the host or in the other container that has this volume (fuser -v {path}), "
            + "and let it commit or roll back, or end it there",
    };

    /// <summary>A process that has the turn.</summary>
    public Blocker TurnHolder(int pid, TimeSpan known)
    {
        var status = ProcessStatus.Of(pid);
        return Turned(known) with
        {
            Pid = pid,
            Program = ProcessInfo.Program(pid),
            ThisProcess = pid == Environment.ProcessId,
            Statement = showStatements ? ProcessInfo.CommandLine(pid) : null,
            Hint = status is { IsStopped: true } ? Hint(pid, status, "finish", mustClose: false) : Turned(known).Hint,
        };
    }

    /// <summary>
    /// An instance that has the turn and cannot be seen from here: it tells of itself beside the turn's file. Null if it does not.
    /// </summary>
    public Blocker? HiddenTurnHolder(TimeSpan known) =>
        TurnFile.ReadHolder(path) is { } holder ? Turned(known) with { Id = Unseen, Program = holder.Instance } : null;

    private Blocker Turned(TimeSpan known) => new()
    {
        Pid = null,
        Program = null,
        Holds = Turn,
        Resource = Path.GetFileName(TurnFile.PathFor(path)),
        State = TurnFile.ReadHolder(path)?.Doing ?? Migrates,
        AnonymousState = Migrates,
        ForMs = (long)known.TotalMilliseconds,
        Hint = "another MigrationHost instance has the turn; it is handed on when that one finishes or ends",
    };

    private static string State(SqliteObstacle obstacle) => obstacle switch
    {
        { WaitsFor.Count: > 0, Holder.IsCommitting: true } => "its commit is waiting for readers",
        { WaitsFor.Count: > 0 } => "running a checkpoint that is waiting for readers",
        { MayWaitFor: { Count: > 0 } readers }
            => $"running a checkpoint that is waiting for a reader: {string.Join(" or ", readers.Select(Who))}",
        { Holder.MayBeCheckpointing: true } => "running a checkpoint, or write transaction open",
        _ => State(obstacle.Holder.Strongest),
    };

    private static string State(SqliteLockKind kind) => kind switch
    {
        SqliteLockKind.Connected => "has the file open",
        SqliteLockKind.WalRead or SqliteLockKind.Shared => "read transaction open",
        SqliteLockKind.WalCheckpoint => "running a checkpoint",
        SqliteLockKind.WalReset => "beginning the write-ahead log anew",
        SqliteLockKind.WalRecovery => "recovering the write-ahead log",
        SqliteLockKind.Pending => "commit begun and not finished",
        SqliteLockKind.Exclusive => "exclusive transaction open, or committing",
        _ => "write transaction open",
    };

    private static string WaitedForBy(SqliteObstacle obstacle) => obstacle.WaitedForBy.Count == 0 ? ""
        : $", and {string.Join(" and ", obstacle.WaitedForBy.Select(Who))} is waiting for it";

    private static string Who(SqliteHolder holder) =>
        ProcessInfo.Program(holder.Pid) is { } program ? $"{program} (pid {holder.Pid})" : $"pid {holder.Pid}";

    private static string Hint(int pid, ProcessStatus? status, string letGo, bool mustClose)
    {
        if (pid == Environment.ProcessId)
        {
            return "this process holds it: a connection opened elsewhere in the application " + (mustClose
                ? "is open. Close it before the migrations start (a pooled one with SqliteConnection.ClearAllPools)."
                : "has an open transaction. Commit, roll back or dispose it before the migrations start.");
        }
        var who = ProcessInfo.Program(pid) is { } program ? $"{program} (pid {pid})" : $"pid {pid}";
        return status switch
        {
            { State: 'T' }
                => $"{who} was stopped by Ctrl-Z or SIGSTOP: continue it (kill -CONT {pid}) and let it {letGo}, "
                + $"or end it: {End(pid, status)}",
            { State: 't' }
                => $"{who} was stopped by a debugger (pid {status.Debugger}): continue it there and let it {letGo}, "
                + $"or end it: {End(pid, status)}",
            _ => $"let {who} {letGo}, or end it: {End(pid, status)}",
        };
    }

    private static string End(int pid, ProcessStatus? status)
    {
        if (status is null)
            return $"kill {pid}, as root or as its user";
        if (status.KillCommand(pid) is not { } command)
            return "it is process 1 here and ignores signals from inside: stop its container from outside";
        var here = ProcessInfo.OthersMayBeHidden ? ", inside this container" : "";
        var us = OperatingSystem.IsLinux() ? LibC.EffectiveUser() : status.User;
        return us == 0 || us == status.User ? command + here : $"{command}{here}, as root or as {FileOwner.Name(status.User)}";
    }

    private string FindOpenFile() =>
        "the lock belongs to an open file and not to a process, so the kernel does not record who made it: "
        + $"fuser -v {path} lists who has the file open";
}
