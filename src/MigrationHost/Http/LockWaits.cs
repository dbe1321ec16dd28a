using MigrationHost.Platform;

namespace MigrationHost.Http;

/// <summary>Adds our own wait to what a diagnosis found: we know it even where the database shows no waiters.</summary>
internal static class LockWaits
{
    public static LockReport AddTo(LockReport report, DatabaseStatus status) => status.WaitingFor is not { Activity: "waiting" } wait ? report : report with
    {
        Waiters =
        [
            .. report.Waiters,
            new LockWaiter(Environment.ProcessId, ProcessInfo.Program(Environment.ProcessId), wait.What, wait.ElapsedMs, [.. status.Blockers.Select(blocker => blocker.Pid).OfType<int>()]),
        ],
    };
}
