namespace MigrationHost.Running;

/// <summary>The state of all databases together.</summary>
internal sealed class MigrationState : IMigrationState
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isReady;
    private int _version;

    public MigrationState(IReadOnlyList<DatabaseState> databases)
    {
        Databases = databases;
        foreach (var database in databases)
            database.Changed += OnChanged;
    }

    public IReadOnlyList<DatabaseState> Databases { get; }

    /// <summary>True once every database is ready; it never goes back. One volatile read: the open gate costs no more.</summary>
    public bool IsReady => _isReady;

    /// <summary>Grows with every change, so that an answer made for one value can be given again.</summary>
    public int Version => Volatile.Read(ref _version);

    public MigrationStatus Current
    {
        get
        {
            var databases = Databases.Select(database => database.Read()).ToList();
            var least = databases.MinBy(database => database.Phase)!;
            return new MigrationStatus
            {
                Phase = least.Phase,
                Ready = least.Phase == MigrationPhase.Ready,
                Blocked = databases.Any(database => database.Blocked),
                Since = least.Phase == MigrationPhase.Ready ? databases.Max(database => database.Since) : least.Since,
                Instance = Instance.Name,
                Version = Instance.Version,
                Databases = databases,
            };
        }
    }

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken = default) => _ready.Task.WaitAsync(cancellationToken);

    /// <summary>Tells those who wait that the host stops: whoever waits without a token would keep the process alive for ever.</summary>
    public void Stop() => _ready.TrySetCanceled();

    /// <summary>Tells those who wait in a test that no further attempt will be made.</summary>
    public void GiveUp(MigrationError error)
    {
        _ready.TrySetException(new MigrationException(error));
        _ = _ready.Task.Exception; // nobody may be waiting
    }

    private void OnChanged()
    {
        Interlocked.Increment(ref _version);
        if (!_isReady && Databases.All(database => database.Phase == MigrationPhase.Ready))
        {
            _isReady = true;
            _ready.TrySetResult();
        }
    }
}
