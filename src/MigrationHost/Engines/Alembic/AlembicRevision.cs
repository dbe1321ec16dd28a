namespace MigrationHost.Engines.Alembic;

/// <summary>One revision, as its file declares it.</summary>
internal sealed record AlembicRevision
{
    public required string Id { get; init; }

    /// <summary>What Alembic logs for it: the first paragraph of its docstring.</summary>
    public required string Message { get; init; }

    /// <summary>The revisions it follows: none for a base, several for a merge.</summary>
    public IReadOnlyList<string> Down { get; init; } = [];

    /// <summary>What it needs besides: ids or branch labels.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>The names of the branch that begins with it.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The file's path as it is configured, for messages.</summary>
    public string File { get; init; } = "";

    /// <summary>The line of its <c>down_revision</c>, counted from 1; null where it has none.</summary>
    public int? DownLine { get; init; }

    public PendingMigration ToPending() => new(Id, Message);

    /// <summary>Alembic's table keeps ids alone: neither time nor author.</summary>
    public AppliedMigration ToApplied() => new() { Version = Id, Description = Message, Checksum = null, AppliedAt = null, DurationMs = null, AppliedBy = null };
}
