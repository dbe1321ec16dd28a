using MigrationHost.Masking;

namespace MigrationHost.Running;

/// <summary>
/// What one attempt may write into the state of its database. It expires with the attempt:
/// what an abandoned one says later changes nothing.
/// </summary>
internal sealed class AttemptState(DatabaseState database)
{
    public string Name => database.Name;

    public MigrationPhase Phase => database.Phase;

    public Secrets Secrets => database.Secrets;

    public DatabaseStatus Read() => database.Read();

    /// <summary>The files were read; the database was not yet.</summary>
    public void SeeFiles(string? latest) => Change(status => status with { Latest = latest });

    public void Enter(MigrationPhase phase) => Change(status => database.Enter(status, phase));

    public void See(SchemaView view) => Change(status => status with
    {
        Current = view.Current,
        Latest = view.Latest,
        Applied = view.Applied,
        AppliedBefore = status.AppliedBefore ?? view.Applied.Count,
        AppliedCount = view.Applied.Count,
        Pending = view.Pending,
        PendingCount = view.Pending.Count,
        Unknown = view.Unknown,
        Changed = view.Changed,
    });

    /// <summary>Takes over what a diagnosis found about those in our way.</summary>
    public void Diagnosed(IReadOnlyList<Blocker> blockers, DateTimeOffset at) =>
        Change(status => status with { Blocked = blockers.Count > 0, Blockers = Secrets.In(blockers), DiagnosedAt = at });

    /// <summary>The wait is over: nobody is in our way any more.</summary>
    public void Unblocked() =>
        Change(status => status.Blockers.Count == 0 && !status.Blocked ? status : status with { Blocked = false, Blockers = [] });

    /// <summary>Takes over what a child process says of the same database.</summary>
    /// <param name="child">Its status.</param>
    /// <param name="whole">Whether the lists are in it too.</param>
    /// <param name="appliedBefore">How many were applied before this start, once the child knows.</param>
    public void Mirror(DatabaseStatus child, bool whole, int? appliedBefore) => Change(status =>
    {
        status = database.Enter(status, child.Phase) with
        {
            Blocked = child.Blocked,
            Blockers = Secrets.In(child.Blockers),
            DiagnosedAt = child.DiagnosedAt,
        };
        return !whole ? status : status with
        {
            Current = child.Current,
            Latest = child.Latest,
            Applied = child.Applied,
            AppliedBefore = status.AppliedBefore ?? appliedBefore,
            AppliedCount = child.AppliedCount,
            Pending = child.Pending,
            PendingCount = child.PendingCount,
            Unknown = child.Unknown,
            Changed = child.Changed,
        };
    });

    /// <summary>The first pending migration turns out to be committed.</summary>
    public void Committed(AppliedMigration applied) => Change(status => status with
    {
        Current = applied.Version,
        Applied = [.. status.Applied, applied],
        AppliedCount = status.Applied.Count + 1,
        Pending = [.. status.Pending.Skip(1)],
        PendingCount = Math.Max(0, status.Pending.Count - 1),
    });

    /// <summary>What was found about files and history although it stops nothing.</summary>
    public void Warn(IReadOnlyList<PlanWarning> warnings) => database.Warnings = warnings;

    /// <summary>Notes what the attempt spends its time on.</summary>
    public void Note(Action<Timeline> note) => database.Note(this, note);

    /// <summary>Shows the times of the run that writes here.</summary>
    public void Follow(ILiveRun run) => database.Follow(this, run);

    /// <summary>The attempt has ended without reaching the target. Who was in the way stays to be read.</summary>
    /// <param name="phase">Where it ended.</param>
    /// <param name="error">Why.</param>
    /// <param name="nextAttemptAt">When the next one begins by itself; null if none does.</param>
    public void Fail(MigrationPhase phase, MigrationError error, DateTimeOffset? nextAttemptAt) => Conclude(status =>
    {
        var failed = database.Enter(status, phase) with { Blocked = false, Error = Secrets.In(error), NextAttemptAt = nextAttemptAt };
        database.Timeline.Fail(failed.Error, failed.Since);
        return failed;
    });

    /// <summary>The database is at its target.</summary>
    public void Ready() =>
        Conclude(status => database.Enter(status, MigrationPhase.Ready) with { Blocked = false, Blockers = [], Error = null });

    /// <summary>The attempt was not made to reach the target, and has done what it was made for.</summary>
    public void Stop() => Conclude(status => database.Enter(status, MigrationPhase.Stopped));

    private void Conclude(Func<DatabaseStatus, DatabaseStatus> change) => database.Change(this, change, last: true);

    private void Change(Func<DatabaseStatus, DatabaseStatus> change) => database.Change(this, change);
}
