namespace MigrationHost.Running;

/// <summary>A stretch of a start in which one thing was done or waited for.</summary>
/// <param name="Waits">Whether it was a wait.</param>
/// <param name="Version">The migration under way; null if none was.</param>
/// <param name="What">What was done or waited for, in words.</param>
/// <param name="From">When it began (UTC).</param>
/// <param name="To">When it ended (UTC); null if it has not.</param>
internal sealed record TimelineStretch(bool Waits, string? Version, string What, DateTimeOffset From, DateTimeOffset? To);
