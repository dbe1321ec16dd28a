namespace MigrationHost;

/// <summary>What was found when a database's history was last read.</summary>
internal sealed record SchemaView
{
    public static readonly SchemaView Nothing = new();

    public string? Current { get; init; }
    public string? Latest { get; init; }
    public ArraySegment<AppliedMigration> Applied { get; init; } = ArraySegment<AppliedMigration>.Empty;
    public ArraySegment<PendingMigration> Pending { get; init; } = ArraySegment<PendingMigration>.Empty;
    public IReadOnlyList<AppliedMigration> Unknown { get; init; } = [];
    public IReadOnlyList<AppliedMigration> Changed { get; init; } = [];

    /// <summary>The view after the first pending migration was committed.</summary>
    /// <remarks>
    /// Taken once per migration, so nothing is copied while there is room behind <see cref="Applied"/>:
    /// who reads an older view does not see that far.
    /// </remarks>
    /// <param name="applied">It.</param>
    /// <param name="repeats">Whether it has no place among the others.</param>
    public SchemaView After(AppliedMigration applied, bool repeats)
    {
        var (array, count) = (Applied.Array ?? [], Applied.Count);
        if (array.Length == count)
            Array.Resize(ref array, count + Pending.Count);
        array[count] = applied;
        return this with
        {
            Current = repeats ? Current : applied.Version,
            Applied = new ArraySegment<AppliedMigration>(array, 0, count + 1),
            Pending = Pending[1..],
        };
    }
}
