namespace MigrationHost;

/// <summary>The migration that is being applied right now.</summary>
public sealed record RunningMigration
{
    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>What it does, from its file name.</summary>
    public required string Description { get; init; }

    /// <summary>The statement under way, counted from 1; 0 before the first.</summary>
    public required int Statement { get; init; }

    /// <summary>How many statements there are; null if the database finds out only by running them.</summary>
    public required int? Statements { get; init; }

    /// <summary>The line on which the statement begins, counted from 1.</summary>
    public required int? Line { get; init; }

    /// <summary>The script's path as it is configured; null if it is not a file of ours.</summary>
    public string? File { get; init; }

    /// <summary>Milliseconds since the first attempt at this migration began, waits included.</summary>
    public required long ElapsedMs { get; init; }
}
