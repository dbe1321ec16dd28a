namespace MigrationHost.Running;

/// <summary>A run that was cancelled and must let go.</summary>
/// <param name="Verdict">Why; null if the process was told to stop.</param>
/// <param name="Since">When it was cancelled, or when a tool that had a grace of its own had ended.</param>
/// <param name="ToLetGo">How long it may take from then on.</param>
internal sealed record Ending(Verdict? Verdict, TimeSpan Since, TimeSpan ToLetGo)
{
    /// <summary>It did not let go.</summary>
    public bool Abandoned { get; init; }
}
