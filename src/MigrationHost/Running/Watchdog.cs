using MigrationHost.Platform;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>Looks at every run many times a second, on a thread of its own: neither a starved thread pool nor a run that hangs can stop it.</summary>
internal sealed class Watchdog(TimeProvider time, QueuedLoggers loggers) : IDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TickWithoutRuns = TimeSpan.FromSeconds(1);

    // A machine that slept wakes up with an old tick: only one that stays old is a dead watchdog.
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = loggers.CreateLogger<Watchdog>();
    private readonly Lock _changing = new();
    private readonly AutoResetEvent _wake = new(false);
    private volatile bool _stopped;
    private volatile Watch[] _watches = [];
    private Thread? _thread;
    private long _tickedAt;

    /// <summary>Whether it is in charge: started, not failed, and still looking.</summary>
    public bool IsAlive => _thread is { IsAlive: true } && time.GetElapsedTime(Interlocked.Read(ref _tickedAt)) < DeadAfter;

    public void Start()
    {
        lock (_changing)
        {
            if (_thread is not null)
                return;
            Interlocked.Exchange(ref _tickedAt, time.GetTimestamp());
            _thread = BackgroundThread.Start("migrationhost-watchdog", Run, e => Log.WatchdogFailed(_logger, e), ThreadPriority.AboveNormal);
        }
    }

    /// <summary>Looks after a run until the returned handle is disposed.</summary>
    public IDisposable Guard(Watch watch)
    {
        Start();
        lock (_changing)
            _watches = [.. _watches, watch];
        _wake.Set();
        return new Guarded(this, watch);
    }

    public void Dispose()
    {
        _stopped = true;
        _wake.Set();
    }

    private void Run()
    {
        while (!_stopped)
        {
            Interlocked.Exchange(ref _tickedAt, time.GetTimestamp());
            foreach (var watch in _watches)
                watch.Tick();
            _wake.WaitOne(_watches.Length > 0 ? TickEvery : TickWithoutRuns);
        }
    }

    private void Remove(Watch watch)
    {
        lock (_changing)
            _watches = [.. _watches.Where(other => other != watch)];
    }

    private sealed class Guarded(Watchdog watchdog, Watch watch) : IDisposable
    {
        public void Dispose() => watchdog.Remove(watch);
    }
}
