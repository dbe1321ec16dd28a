namespace MigrationHost;

/// <summary>A migration that the database's history records as applied.</summary>
public sealed record AppliedMigration
{
    /// <summary>Its version: digits without leading zeros, or an external tool's own id.</summary>
    public required string Version { get; init; }

    /// <summary>What it does, from its file name.</summary>
    public required string Description { get; init; }

    /// <summary><c>sha256:</c> and 64 hexadecimal digits, of the text as it was applied. Null if the tool keeps none.</summary>
    public required string? Checksum { get; init; }

    /// <summary>When it was committed (UTC). Null if the tool keeps no time.</summary>
    public required DateTimeOffset? AppliedAt { get; init; }

    /// <summary>How long its statements took, in milliseconds.</summary>
    public required long? DurationMs { get; init; }

    /// <summary>The instance that applied it, <c>host:pid</c>.</summary>
    public required string? AppliedBy { get; init; }
}
