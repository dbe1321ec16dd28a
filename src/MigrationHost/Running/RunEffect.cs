namespace MigrationHost.Running;

/// <summary>What must be done because of something that happened to a run. None of it waits for anybody.</summary>
internal abstract record RunEffect
{
    /// <summary>Begin a look at what is in the way.</summary>
    /// <param name="Lookout">Who is asked.</param>
    /// <param name="MaxAge">How old a finding may be that others have asked for.</param>
    /// <param name="Within">How long the look may take.</param>
    public sealed record Look(Lookout Lookout, TimeSpan MaxAge, TimeSpan Within) : RunEffect;

    /// <summary>Show who is in the way.</summary>
    public sealed record Show(Finding Finding) : RunEffect;

    /// <summary>Show that nobody is in the way any more.</summary>
    public sealed record Clear : RunEffect;

    /// <summary>Log that the run waits.</summary>
    public sealed record SayWaiting(string What, TimeSpan Limit) : RunEffect;

    /// <summary>Log what a look has found.</summary>
    public sealed record SayFound(Finding Finding) : RunEffect;

    /// <summary>Log that a stall is over.</summary>
    public sealed record SayOver(Stall Stall, TimeSpan After) : RunEffect;

    /// <summary>Cancel the run.</summary>
    public sealed record Cancel(Verdict Verdict) : RunEffect;

    /// <summary>Give the run up: it does not let go.</summary>
    public sealed record Abandon : RunEffect;
}
