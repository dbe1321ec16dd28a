namespace MigrationHost.Engines;

/// <summary>Something that is tried once: shows as a wait from when it takes as long as a stall, until it is disposed.</summary>
internal sealed class LateWait : IDisposable
{
    private readonly Lock _changing = new();
    private readonly Watch _watch;
    private readonly Wait _wait;
    private readonly string _what;
    private readonly ITimer _timer;
    private bool _shows;
    private bool _over;

    public LateWait(Watch watch, Wait wait, string what, TimeProvider time)
    {
        (_watch, _wait, _what) = (watch, wait, what);
        _timer = time.CreateTimer(_ => Show(), null, watch.Timeouts.StallAfter, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_changing)
            _over = true;
        if (_shows)
            _watch.GoesOn(_wait);
    }

    // What waits for a lock inside the try shows by itself.
    private void Show()
    {
        lock (_changing)
        {
            if (_over || _wait.Clock.IsRunning)
                return;
            _wait.What = _what;
            _watch.Waits(_wait);
            _shows = true;
        }
    }
}
