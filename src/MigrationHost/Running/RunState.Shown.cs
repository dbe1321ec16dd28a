namespace MigrationHost.Running;

/// <summary>What the status shows of a run.</summary>
internal sealed partial record RunState
{
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(1);

    /// <summary>The migration under way, with its time of this moment.</summary>
    public RunningMigration? RunningAt(TimeSpan now) =>
        Mirror.Running ?? (Running is null ? null : Running with { ElapsedMs = (long)(now - RunningSince).TotalMilliseconds });

    /// <summary>What the run waits for, or works on for longer than a stall takes; null if there is nothing to say.</summary>
    /// <param name="now">The time.</param>
    /// <param name="mark">How often work went on.</param>
    public WaitStatus? WaitingAt(TimeSpan now, long mark) =>
        Now.Waits ? Status(Now, now, WaitStatus.Waiting)
        : LastWait is { } wait ? Status(wait, now, WaitStatus.Waiting)
        : Now.Kind == ActivityKind.Trying && now - Since > (Now.StallAfter ?? StallAfter) ? Status(Now, now, Evidence ?? "no answer yet")
        : Now.Kind == ActivityKind.Working && Spent(Now.Budget, now) > StallAfter ? Status(Now, now, EvidenceAt(now, mark))
        : Mirror.Waiting;

    private string EvidenceAt(TimeSpan now, long mark)
    {
        var evidence = Evidence ?? $"running, {mark:N0} steps of work so far";
        return Stall?.Best is { Reason: { } reason } && Now.Lookout is not null ? $"{reason} ({evidence})"
            : now - ProgressAt > Recent ? $"{evidence}, last sign of life {Duration.Say(now - ProgressAt)} ago"
            : evidence;
    }

    private WaitStatus Status(Activity activity, TimeSpan now, string words) => new()
    {
        What = activity.What,
        ElapsedMs = (long)Spent(activity.Budget, now).TotalMilliseconds,
        LimitMs = (long)activity.Budget.Limit.TotalMilliseconds,
        Activity = words,
    };
}
