using MigrationHost.Running;

namespace MigrationHost.Http.Page;

/// <summary>
/// What the page shows: the status, and for those who may see everything also what the run remembers. No database is asked.
/// </summary>
/// <param name="Runs">The databases' runs.</param>
/// <param name="Status">The status, with what the reader may see of it.</param>
/// <param name="Full">Whether the reader may see everything.</param>
/// <param name="Now">The time.</param>
internal sealed record PageModel(MigrationRuns Runs, MigrationStatus Status, bool Full, DateTimeOffset Now)
{
    /// <summary>The databases, those that need attention first.</summary>
    public IEnumerable<DatabaseStatus> Databases => Status.Databases.OrderBy(database => database.Phase);

    /// <summary>What the start has spent its time on.</summary>
    public Timeline TimelineOf(DatabaseStatus status) => RunOf(status).State.Timeline;

    /// <summary>Who waits for whom, as far as the last look saw, with those in our way at the roots.</summary>
    public IReadOnlyList<LockNode> LocksOf(DatabaseStatus status)
    {
        if (!Full || status.Blockers.Count == 0)
            return [];
        var looked = RunOf(status).Diagnostician.Latest;
        var waiters = looked is null ? [] : LockWaits.AddTo(looked, status).Waiters;
        var seen = new LockReport { Database = status.Name, DiagnosedAt = Now, Holders = status.Blockers, Waiters = waiters };
        return LockTree.Of(seen with { Waiters = [.. waiters.Where(waiter => waiter.Behind.Count > 0)] });
    }

    /// <summary>Whether a session is our own.</summary>
    public bool IsOwn(DatabaseStatus status, LockNode node) =>
        node.Waiter is not null && node.Holds.Count == 0 && node.Pid == RunOf(status).Diagnostician.Latest?.OwnPid;

    private DatabaseRun RunOf(DatabaseStatus status) => Runs.Find(status.Name)!;
}
