namespace MigrationHost.Scripts;

/// <summary>What a history says of one migration.</summary>
internal sealed record HistoryEntry
{
    /// <summary>The migration's id.</summary>
    public required string Version { get; init; }

    public required HistoryState State { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The checksum of what was applied; null if the history keeps none.</summary>
    public string? Checksum { get; init; }

    /// <summary>When it was committed (UTC); null if the history keeps no time.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>How long it took, in milliseconds; null if the history does not keep that.</summary>
    public long? DurationMs { get; init; }

    /// <summary>The instance that applied it; null if the history does not keep that.</summary>
    public string? AppliedBy { get; init; }

    /// <summary>It stands for every migration up to this one: a history of one row.</summary>
    public bool AndAllBefore { get; init; }

    /// <summary>The row by which its tool says that it was begun and is not finished; null where nothing says so but our own
    /// record.</summary>
    public string? Mark { get; init; }

    /// <summary>How many statements of a script without transaction are done; null for all others.</summary>
    public int? StatementsDone { get; init; }

    /// <summary>
    /// The statement that was begun outside any transaction and may be done although it is not recorded; null for all others.
    /// </summary>
    public int? StatementBegun { get; init; }

    /// <summary>
    /// SHA-256 of the text of the statements that are done, so that a resumed script is known to be the same up to there.
    /// </summary>
    public string? DoneChecksum { get; init; }

    /// <summary>Whether a build without this migration must not run on the database.</summary>
    public bool IsBreaking { get; init; }

    /// <summary>What stands before the instance in <see cref="AppliedBy"/> while a migration is undone outside a transaction.</summary>
    public const string Down = "down ";

    /// <summary>Whether it was begun to undo it, and not all of that is done.</summary>
    public bool IsUndoing => State == HistoryState.Started && AppliedBy?.StartsWith(Down, StringComparison.Ordinal) is true;

    /// <summary>Whether anything of a script without transaction is done, or may be.</summary>
    public bool HasBegun => StatementsDone > 0 || StatementBegun is not null;

    /// <summary>When it was applied, for messages.</summary>
    public string When => AppliedAt is { } at ? $" on {at:yyyy-MM-dd HH:mm:ss}Z" : "";

    public AppliedMigration ToStatus() => new()
    {
        Version = Version,
        Description = Description,
        Checksum = Checksum,
        AppliedAt = AppliedAt,
        DurationMs = DurationMs,
        AppliedBy = AppliedBy,
    };
}
