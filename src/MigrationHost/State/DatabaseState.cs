using MigrationHost.Masking;

namespace MigrationHost;

/// <summary>The state of one database. The only writer of its snapshot; readers never wait for it.</summary>
internal sealed class DatabaseState
{
    private readonly Lock _changing = new();
    private readonly TimeProvider _time;
    private volatile DatabaseStatus _snapshot;
    private volatile ILiveRun? _run;

    public DatabaseState(string name, DatabaseProvider provider, EngineKind engine, string target, TimeProvider time)
    {
        _time = time;
        _snapshot = new DatabaseStatus
        {
            Name = name,
            Provider = provider,
            Engine = engine,
            Target = target,
            Phase = MigrationPhase.Starting,
            Since = time.GetUtcNow(),
        };
    }

    /// <summary>Raised after every change, on the thread that made it.</summary>
    public event Action? Changed;

    /// <summary>What is masked in what others say of the database, before anybody reads it here.</summary>
    public Secrets Secrets { get; init; } = Secrets.None;

    public string Name => _snapshot.Name;

    public MigrationPhase Phase => _snapshot.Phase;

    /// <summary>The snapshot, with the times of this moment.</summary>
    public DatabaseStatus Read()
    {
        var snapshot = _snapshot;
        return _run is { } run && snapshot.Phase is > MigrationPhase.Stopped and < MigrationPhase.Ready
            ? snapshot with { Running = run.Running, WaitingFor = Secrets.In(run.WaitingFor) }
            : snapshot;
    }

    public void BeginAttempt(ILiveRun run)
    {
        _run = run;
        Change(status => Enter(status, MigrationPhase.Starting) with { Attempt = status.Attempt + 1, NextAttemptAt = null, Error = null, Blockers = [] });
    }

    /// <summary>The files were read; the database was not yet.</summary>
    public void SeeFiles(string? latest) => Change(status => status with { Latest = latest });

    public void Enter(MigrationPhase phase) => Change(status => Enter(status, phase));

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
        Change(status => status with { Blocked = blockers.Count > 0, Blockers = Secrets.In(blockers), DiagnosedAt = at });

    /// <summary>Takes over what a child process says of the same database.</summary>
    /// <param name="child">Its status.</param>
    /// <param name="whole">Whether the lists are in it too.</param>
    public void Mirror(DatabaseStatus child, bool whole) => Change(status =>
    {
        status = Enter(status, child.Phase) with { Blocked = child.Blocked, Blockers = Secrets.In(child.Blockers),
            DiagnosedAt = child.DiagnosedAt };
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

    /// <summary>The wait is over: nobody is in our way any more.</summary>
    public void Unblocked()
    {
        if (_snapshot is { Blocked: true } or { Blockers.Count: > 0 })
            Change(status => status with { Blocked = false, Blockers = [] });
    }

    /// <summary>The attempt has ended without reaching the target. Who was in the way stays to be read.</summary>
    public void Fail(MigrationPhase phase, MigrationError error, DateTimeOffset? nextAttemptAt)
    {
        _run = null;
        Change(status => Enter(status, phase) with { Blocked = false, Error = Secrets.In(error), NextAttemptAt = nextAttemptAt });
    }

    public void Ready()
    {
        _run = null;
        Change(status => Enter(status, MigrationPhase.Ready) with { Blocked = false, Blockers = [], Error = null });
    }

    private DatabaseStatus Enter(DatabaseStatus status, MigrationPhase phase) =>
        status.Phase == phase ? status : status with { Phase = phase, Since = _time.GetUtcNow() };

    private void Change(Func<DatabaseStatus, DatabaseStatus> change)
    {
        lock (_changing)
            _snapshot = change(_snapshot);
        Changed?.Invoke();
    }
}
