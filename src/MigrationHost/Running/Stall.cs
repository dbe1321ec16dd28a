namespace MigrationHost.Running;

/// <summary>A stretch in which a run does not get on: what is known of it, and what was said.</summary>
/// <param name="Activity">What the run does or waits for meanwhile.</param>
internal sealed record Stall(Activity Activity)
{
    /// <summary>The latest finding; null before the first.</summary>
    public Finding? Latest { get; init; }

    /// <summary>The latest finding that names a blocker: a later look that finds nothing does not make it untrue.</summary>
    public Finding? Named { get; init; }

    /// <summary>The <see cref="Finding.Key"/> of the finding that was said last.</summary>
    public string Said { get; init; } = "";

    /// <summary>A look is under way.</summary>
    public bool Looking { get; init; }

    /// <summary>How many looks have ended; counted anew once the time is up.</summary>
    public int Looks { get; init; }

    /// <summary>When the last look began; null before the first.</summary>
    public TimeSpan? LookedAt { get; init; }

    /// <summary>The best that is known.</summary>
    public Finding? Best => Named ?? Latest;
}
