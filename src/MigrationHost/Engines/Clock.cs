namespace MigrationHost.Engines;

/// <summary>A stopwatch that can pause, to be read from any thread.</summary>
internal sealed class Clock(TimeProvider time)
{
    private readonly Lock _changing = new();
    private long? _runningSince;
    private TimeSpan _before;

    public TimeSpan Elapsed
    {
        get
        {
            lock (_changing)
                return _before + (_runningSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero);
        }
    }

    public bool IsRunning
    {
        get
        {
            lock (_changing)
                return _runningSince is not null;
        }
    }

    public void Start()
    {
        lock (_changing)
            _runningSince ??= time.GetTimestamp();
    }

    public void Pause()
    {
        lock (_changing)
        {
            if (_runningSince is { } since)
                _before += time.GetElapsedTime(since);
            _runningSince = null;
        }
    }

    /// <summary>Counts time that was not seen while it went by.</summary>
    public void Add(TimeSpan missed)
    {
        lock (_changing)
            _before += missed;
    }

    /// <summary>Back to zero, running on if it was running.</summary>
    public void Restart()
    {
        lock (_changing)
        {
            _before = TimeSpan.Zero;
            _runningSince = _runningSince is null ? null : time.GetTimestamp();
        }
    }
}
