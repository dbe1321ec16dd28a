namespace MigrationHost.Scripts;

/// <summary>A row of the history table.</summary>
internal sealed record HistoryEntry
{
    public required MigrationVersion Version { get; init; }
    public required string Description { get; init; }
    public required string Checksum { get; init; }
    public required DateTimeOffset AppliedAt { get; init; }
    public required long DurationMs { get; init; }
    public required string AppliedBy { get; init; }
    public required HistoryState State { get; init; }

    /// <summary>How many statements of a script without transaction are done; null for all others.</summary>
    public int? StatementsDone { get; init; }

    /// <summary>The statement that was begun outside any transaction and may be done although it is not recorded; null for all others.</summary>
    public int? StatementBegun { get; init; }

    /// <summary>SHA-256 of the text of the statements that are done, so that a resumed script is known to be the same up to there.</summary>
    public string? DoneChecksum { get; init; }

    /// <summary>Whether anything of a script without transaction is done, or may be.</summary>
    public bool HasBegun => StatementsDone > 0 || StatementBegun is not null;

    public AppliedMigration ToStatus() => new()
    {
        Version = Version.ToString(),
        Description = Description,
        Checksum = Checksum,
        AppliedAt = AppliedAt,
        DurationMs = DurationMs,
        AppliedBy = AppliedBy,
    };
}
