namespace MigrationHost;

/// <summary>The status document: an immutable snapshot of all databases.</summary>
public sealed record MigrationStatus
{
    /// <summary>The phase of the least advanced database.</summary>
    public required MigrationPhase Phase { get; init; }

    /// <summary>True once every database is ready and verified.</summary>
    public required bool Ready { get; init; }

    /// <summary>True while any database is blocked.</summary>
    public required bool Blocked { get; init; }

    /// <summary>When <see cref="Phase"/> was entered (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>This process, <c>host:pid</c>.</summary>
    public required string Instance { get; init; }

    /// <summary>MigrationHost's version.</summary>
    public required string Version { get; init; }

    /// <summary>The databases in the order of the configuration.</summary>
    public required IReadOnlyList<DatabaseStatus> Databases { get; init; }
}
