namespace MigrationHost.Running;

/// <summary>What this start of a database has spent its time on, and how its attempts failed: the latest of each.</summary>
internal sealed class Timeline
{
    private const int MostStretches = 400;
    private const int MostFailures = 5;

    private readonly Lock _changing = new();
    private readonly List<TimelineStretch> _stretches = [];
    private readonly List<(DateTimeOffset At, MigrationError Error)> _failures = [];

    /// <summary>All stretches in the order of time; the last one may be under way.</summary>
    public IReadOnlyList<TimelineStretch> Stretches
    {
        get
        {
            lock (_changing)
                return [.. _stretches];
        }
    }

    /// <summary>How attempts have failed, the latest last.</summary>
    public IReadOnlyList<(DateTimeOffset At, MigrationError Error)> Failures
    {
        get
        {
            lock (_changing)
                return [.. _failures];
        }
    }

    /// <summary>Something else is done or waited for from now on; the same as before only goes on.</summary>
    public void Turn(bool waits, string? version, string what, DateTimeOffset at)
    {
        lock (_changing)
        {
            if (_stretches is [.., { To: null } last] && (last.Waits, last.Version) == (waits, version))
                return;
            EndLast(at);
            if (_stretches.Count == MostStretches)
                _stretches.RemoveAt(0);
            _stretches.Add(new TimelineStretch(waits, version, what, at, null));
        }
    }

    /// <summary>The attempt is over.</summary>
    public void End(DateTimeOffset at)
    {
        lock (_changing)
            EndLast(at);
    }

    /// <summary>The attempt has failed.</summary>
    public void Fail(MigrationError error, DateTimeOffset at)
    {
        lock (_changing)
        {
            if (_failures.Count == MostFailures)
                _failures.RemoveAt(0);
            _failures.Add((at, error));
        }
    }

    // A wait that is seen late began before the work that it turns out to be.
    private void EndLast(DateTimeOffset at)
    {
        if (_stretches is not [.., { To: null } last])
            return;
        _stretches.RemoveAt(_stretches.Count - 1);
        if (at > last.From)
            _stretches.Add(last with { To = at });
    }
}
