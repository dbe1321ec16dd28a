using MigrationHost.Masking;

namespace MigrationHost.Running;

/// <summary>
/// The state of one database: an immutable snapshot that only the present attempt may replace. Readers never wait for it.
/// </summary>
internal sealed class DatabaseState
{
    private readonly Lock _changing = new();
    private readonly TimeProvider _time;
    private volatile DatabaseStatus _snapshot;
    private volatile ILiveRun? _run;
    private AttemptState? _attempt;

    public DatabaseState(
        string name, DatabaseProvider provider, EngineKind engine, string target, TimeProvider time, EngineTraits? traits = null)
    {
        _time = time;
        _snapshot = new DatabaseStatus
        {
            Name = name,
            Provider = provider,
            Engine = engine,
            Traits = traits ?? new EngineTraits(),
            Target = target,
            Phase = MigrationPhase.Starting,
            Since = time.GetUtcNow(),
        };
    }

    /// <summary>
    /// Raised after every change, on the thread that made it, which may hold a lock: whoever does more than count
    /// listens through an <see cref="Announcement"/>.
    /// </summary>
    public event Action? Changed;

    /// <summary>What is masked in what others say of the database, before anybody reads it here.</summary>
    public Secrets Secrets { get; init; } = Secrets.None;

    public string Name => _snapshot.Name;

    public MigrationPhase Phase => _snapshot.Phase;

    /// <summary>What was found in the last look at files and history although it stops nothing. For doctor; not in the snapshot.</summary>
    public IReadOnlyList<PlanWarning> Warnings { get; set; } = [];

    /// <summary>What this start has spent its time on. Not in the snapshot.</summary>
    public Timeline Timeline { get; } = new();

    /// <summary>The snapshot, with the times of this moment.</summary>
    public DatabaseStatus Read()
    {
        var snapshot = _snapshot;
        return _run is { } run && snapshot.Phase is > MigrationPhase.Stopped and < MigrationPhase.Ready
            ? snapshot with { Running = run.Running, WaitingFor = Secrets.In(run.WaitingFor) }
            : snapshot;
    }

    /// <summary>Another attempt begins. From now on it alone may write, and none that was before it.</summary>
    public AttemptState BeginAttempt()
    {
        var attempt = new AttemptState(this);
        lock (_changing)
            (_attempt, _run) = (attempt, null);
        Change(attempt, status => Enter(status, MigrationPhase.Starting) with
        {
            Attempt = status.Attempt + 1,
            NextAttemptAt = null,
            Error = null,
            Blockers = [],
        });
        return attempt;
    }

    /// <summary>The process stops while it waited for the next attempt.</summary>
    public void GiveUp() => Change(null, status => Enter(status, MigrationPhase.Stopped) with { NextAttemptAt = null });

    /// <summary>Shows the times of the attempt's run from now on.</summary>
    public void Follow(AttemptState attempt, ILiveRun run)
    {
        lock (_changing)
            _run = _attempt == attempt ? run : _run;
    }

    /// <summary>Adds to the timeline in the name of an attempt, unless it is over.</summary>
    public void Note(AttemptState attempt, Action<Timeline> note)
    {
        lock (_changing)
        {
            if (_attempt == attempt)
                note(Timeline);
        }
    }

    /// <summary>
    /// Changes the snapshot in the name of an attempt, null for none. One that is over, or was given up, changes nothing.
    /// </summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="change">What changes.</param>
    /// <param name="last">Whether the attempt is over with it.</param>
    public void Change(AttemptState? attempt, Func<DatabaseStatus, DatabaseStatus> change, bool last = false)
    {
        lock (_changing)
        {
            if (_attempt != attempt)
                return;
            _snapshot = change(_snapshot);
            if (last)
                (_attempt, _run) = (null, null);
        }
        Changed?.Invoke();
    }

    public DatabaseStatus Enter(DatabaseStatus status, MigrationPhase phase) =>
        status.Phase == phase ? status : status with { Phase = phase, Since = _time.GetUtcNow() };
}
