namespace MigrationHost;

/// <summary>What was found when a database's history was last read.</summary>
internal sealed record SchemaView
{
    public static readonly SchemaView Nothing = new();

    public string? Current { get; init; }
    public string? Latest { get; init; }
    public IReadOnlyList<AppliedMigration> Applied { get; init; } = [];
    public IReadOnlyList<PendingMigration> Pending { get; init; } = [];
    public IReadOnlyList<AppliedMigration> Unknown { get; init; } = [];
    public IReadOnlyList<AppliedMigration> Changed { get; init; } = [];

    /// <summary>The view after one more pending migration was committed.</summary>
    public SchemaView After(AppliedMigration applied) => this with
    {
        Current = applied.Version,
        Applied = [.. Applied, applied],
        Pending = [.. Pending.Where(pending => pending.Version != applied.Version)],
    };
}
