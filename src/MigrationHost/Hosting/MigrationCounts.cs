using System.Collections.Concurrent;

namespace MigrationHost.Hosting;

/// <summary>What has happened to one database since the host began, counted from one state to the next.</summary>
internal sealed class MigrationCounts
{
    private readonly Lock _counting = new();
    private readonly Func<DatabaseStatus> _read;
    private DatabaseStatus _before;

    /// <param name="read">Reads the state.</param>
    public MigrationCounts(Func<DatabaseStatus> read) => (_read, _before) = (read, read());

    /// <summary>Migrations that this instance has applied.</summary>
    public int Applied { get; private set; }

    /// <summary>Attempts that have begun.</summary>
    public int Attempts => _before.Attempt;

    /// <summary>Attempts that have failed.</summary>
    public int Failed { get; private set; }

    /// <summary>How often somebody was found in the way.</summary>
    public int Blocked { get; private set; }

    /// <summary>How long migrations took that are not collected yet.</summary>
    public ConcurrentQueue<TimeSpan> Durations { get; } = [];

    /// <summary>The state has changed.</summary>
    public void Count()
    {
        lock (_counting)
        {
            var (before, now) = (_before, _read());
            _before = now;
            Blocked += now.Blocked && !before.Blocked ? 1 : 0;
            Failed += now.Error is not null && before.Error is null ? 1 : 0;
            foreach (var applied in now.AppliedSince(before).Where(applied => applied.AppliedBy == Instance.Name))
            {
                Applied++;
                if (applied.DurationMs is { } ms)
                    Durations.Enqueue(TimeSpan.FromMilliseconds(ms));
            }
        }
    }
}
