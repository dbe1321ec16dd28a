using MigrationHost.Databases;

namespace MigrationHost.Running;

/// <summary>Adds our own wait to what a diagnosis found: we know it even if the database shows no waiters.</summary>
internal static class LockWaits
{
    public static LockReport AddTo(LockDiagnosis diagnosis, DatabaseStatus status) =>
        status.WaitingFor is { Activity: WaitStatus.Waiting } wait
            ? diagnosis.Report with { Waiters = [.. diagnosis.Report.Waiters, Own(wait, diagnosis, status)] }
            : diagnosis.Report;

    // Between two attempts a look may find nobody; the status still has who was seen.
    private static LockWaiter Own(WaitStatus wait, LockDiagnosis diagnosis, DatabaseStatus status)
    {
        var blockers = diagnosis.Blockers.Count > 0 ? diagnosis.Blockers : status.Blockers;
        int[] pids = [.. blockers.Select(blocker => blocker.Pid).OfType<int>()];
        return new LockWaiter(diagnosis.OwnPid, diagnosis.OwnProgram, wait.What, wait.ElapsedMs, pids)
        {
            Behind = [.. blockers.Select(blocker => blocker.Id).OfType<int>()],
        };
    }
}
