namespace MigrationHost;

/// <summary>What one attempt may write into the state of its database. It expires with the attempt: what an abandoned one says later changes nothing.</summary>
internal sealed class AttemptState(DatabaseState database)
{
    public string Name => database.Name;

    public MigrationPhase Phase => database.Phase;

    public DatabaseStatus Read() => database.Read();

    /// <summary>The files were read; the database was not yet.</summary>
    public void SeeFiles(string? latest) => Change(status => status with { Latest = latest });

    public void Enter(MigrationPhase phase) => Change(status => database.Enter(status, phase));

    public void See(SchemaView view) => Change(status => status with
    {
        Current = view.Current,
        Latest = view.Latest,
        Applied = view.Applied,
        AppliedCount = view.Applied.Count,
        Pending = view.Pending,
        PendingCount = view.Pending.Count,
        Unknown = view.Unknown,
        Changed = view.Changed,
    });

    /// <summary>Takes over what a diagnosis found about those in our way.</summary>
    public void Diagnosed(IReadOnlyList<Blocker> blockers, DateTimeOffset at) =>
        Change(status => status with { Blocked = blockers.Count > 0, Blockers = blockers, DiagnosedAt = at });

    /// <summary>The wait is over: nobody is in our way any more.</summary>
    public void Unblocked() => Change(status => status.Blockers.Count == 0 && !status.Blocked ? status : status with { Blocked = false, Blockers = [] });

    /// <summary>Takes over what a child process says of the same database.</summary>
    /// <param name="child">Its status.</param>
    /// <param name="whole">Whether the lists are in it too.</param>
    public void Mirror(DatabaseStatus child, bool whole) => Change(status =>
    {
        status = database.Enter(status, child.Phase) with { Blocked = child.Blocked, Blockers = child.Blockers, DiagnosedAt = child.DiagnosedAt };
        return !whole ? status : status with
        {
            Current = child.Current,
            Latest = child.Latest,
            Applied = child.Applied,
            AppliedCount = child.AppliedCount,
            Pending = child.Pending,
            PendingCount = child.PendingCount,
            Unknown = child.Unknown,
            Changed = child.Changed,
        };
    });

    /// <summary>The first pending migration was committed, by a child process.</summary>
    public void MirrorApplied(AppliedMigration applied) => Change(status => status with
    {
        Current = applied.Version,
        Applied = [.. status.Applied, applied],
        AppliedCount = status.Applied.Count + 1,
        Pending = [.. status.Pending.Skip(1)],
        PendingCount = Math.Max(0, status.Pending.Count - 1),
    });

    private void Change(Func<DatabaseStatus, DatabaseStatus> change) => database.Change(this, change);
}
