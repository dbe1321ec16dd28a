namespace MigrationHost.Tools;

/// <summary>Where a running tool stands, as a value: to be read by anybody at any time.</summary>
/// <param name="Began">When its work on the present migration began, a timestamp of the clock.</param>
/// <param name="ProgressAt">When it last wrote or computed.</param>
internal sealed record ToolView(long Began, long ProgressAt)
{
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(1);

    /// <summary>Since when somebody is in its way; null where nobody is.</summary>
    public long? BlockedSince { get; init; }

    /// <summary>For how long somebody was before that.</summary>
    public TimeSpan BlockedBefore { get; init; }

    /// <summary>For how long earlier runs of the tool have waited for the lock that it needs.</summary>
    public TimeSpan LockSpent { get; init; }

    public TimeSpan Cpu { get; init; }

    public long Lines { get; init; }

    /// <summary>Why it neither writes nor computes; null while it does.</summary>
    public ToolStall? Stall { get; init; }

    public ToolView Unblocked(TimeProvider time) => this with { BlockedBefore = Blocked(time), BlockedSince = null };

    /// <summary>For how long others were in its way, all together.</summary>
    public TimeSpan Blocked(TimeProvider time) => BlockedBefore + (BlockedSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero);

    /// <summary>For how long it has worked, what it was blocked not counted.</summary>
    public TimeSpan Work(TimeProvider time) => time.GetElapsedTime(Began) - Blocked(time);

    public WaitStatus? WaitingFor(string tool, Timeouts timeouts, TimeSpan limit, TimeProvider time) =>
        BlockedSince is not null ? Status($"the lock that {tool} needs", LockSpent + Blocked(time), timeouts.Lock, "waiting")
        : Work(time) is var work && work > timeouts.StallAfter ? Status($"{tool} to finish", work, limit, Activity(time))
        : null;

    private string Activity(TimeProvider time)
    {
        var evidence = $"{Duration.Say(Cpu)} of CPU time, {Lines:N0} {(Lines == 1 ? "line" : "lines")} of output";
        var silent = time.GetElapsedTime(ProgressAt);
        return Stall is not null ? $"{Stall.Reason} ({evidence})"
            : $"running, {evidence}{(silent > Recent ? $", last sign of life {Duration.Say(silent)} ago" : "")}";
    }

    private static WaitStatus Status(string what, TimeSpan elapsed, TimeSpan limit, string activity) => new()
    {
        What = what,
        ElapsedMs = (long)elapsed.TotalMilliseconds,
        LimitMs = (long)limit.TotalMilliseconds,
        Activity = activity,
    };
}
