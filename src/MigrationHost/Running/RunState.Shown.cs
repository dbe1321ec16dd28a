namespace MigrationHost.Running;

/// <summary>What the status shows of a run.</summary>
internal sealed partial record RunState
{
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(1);

    /// <summary>The migration under way, with its time of this moment.</summary>
    public RunningMigration? RunningAt(TimeSpan now) => Running is null ? null : Running with { ElapsedMs = (long)(now - RunningSince).TotalMilliseconds };

    /// <summary>What the run waits for, or works on for longer than a stall takes; null if there is nothing to say.</summary>
    public WaitStatus? WaitingAt(TimeSpan now) =>
        Now.Waits ? Status(Now, now, "waiting")
        : LastWait is { } wait ? Status(wait, now, "waiting")
        : Now.Kind == ActivityKind.Trying ? (now - Since > StallAfter ? Status(Now, now, "no answer yet") : null)
        : Spent(Now.Budget, now) > StallAfter ? Status(Now, now, EvidenceAt(now))
        : null;

    private string EvidenceAt(TimeSpan now)
    {
        var evidence = Evidence ?? "running";
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
