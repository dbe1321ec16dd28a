namespace MigrationHost.Running;

/// <summary>
/// What a run does right now, and the budget that its time counts against. A run is in exactly one
/// activity at any moment, so no time counts twice.
/// </summary>
/// <param name="Kind">Whether it works or waits.</param>
/// <param name="What">What it works on or waits for, in words that follow "for": <c>the write lock</c>.</param>
/// <param name="Budget">Where its time counts.</param>
internal sealed record Activity(ActivityKind Kind, string What, Budget Budget)
{
    /// <summary>Who is asked what is in its way once it stalls; null if nobody can be.</summary>
    public Lookout? Lookout { get; init; }

    /// <summary>
    /// What this work turns out to be once a look finds a blocker in its way: for work that does not say itself that it waits.
    /// </summary>
    public Activity? WhenBlocked { get; init; }

    /// <summary>The work that continues once nobody is in the way any more, for a wait that only a look has found.</summary>
    public Activity? Resumes { get; init; }

    /// <summary>After how much silence it is looked at; null for <see cref="Timeouts.StallAfter"/>.</summary>
    public TimeSpan? StallAfter { get; init; }

    /// <summary>How long after a cancel it may take to let go; null for <see cref="Timeouts.Grace"/>.</summary>
    public TimeSpan? ToLetGo { get; init; }

    /// <summary>What to do if it takes too long and nobody is in its way.</summary>
    public string? Remedy { get; init; }

    /// <summary>Called at every tick, on the watchdog's thread, for work that does not say by itself that it gets on.</summary>
    public Action? Sample { get; init; }

    /// <summary>The failure once its budget is used up; null for the usual words.</summary>
    public Func<Verdict, MigrationError>? Failure { get; init; }

    public bool Waits => Kind == ActivityKind.Waiting;
}
