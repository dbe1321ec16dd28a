namespace MigrationHost;

/// <summary>A session that waits for a lock.</summary>
/// <param name="Pid">As in <see cref="Blocker.Pid"/>.</param>
/// <param name="Program">As in <see cref="Blocker.Program"/>.</param>
/// <param name="WaitsFor">What it waits for, in words.</param>
/// <param name="ForMs">Milliseconds waited so far.</param>
/// <param name="BlockedBy">The pids that hold it up.</param>
public sealed record LockWaiter(int? Pid, string? Program, string WaitsFor, long? ForMs, IReadOnlyList<int> BlockedBy)
{
    /// <summary>All that hold it up, also those that have no pid: by <see cref="Blocker.Id"/>.</summary>
    internal IReadOnlyList<int> Behind { get; init; } = BlockedBy;
}
