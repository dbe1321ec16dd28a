namespace MigrationHost.Engines.Alembic;

/// <summary>What files and database say together: what is applied, what is pending, and whether they fit.</summary>
internal sealed record AlembicPlan
{
    /// <summary>Where the database is: the rows of its version table.</summary>
    public required IReadOnlyList<string> Current { get; init; }

    /// <summary>Rows that no file declares.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>What is still to run up to the target, in order.</summary>
    public required IReadOnlyList<AlembicRevision> Pending { get; init; }

    /// <summary>The same for the status.</summary>
    public required SchemaView View { get; init; }

    /// <param name="graph">The project's revisions.</param>
    /// <param name="target">Where to be.</param>
    /// <param name="current">The rows of the version table.</param>
    public static AlembicPlan Make(AlembicGraph graph, IReadOnlyList<AlembicRevision> target, IReadOnlyCollection<string> current)
    {
        IReadOnlyList<string> known = [.. current.Where(id => graph.Find(id) is not null)];
        IReadOnlyList<string> unknown = [.. current.Except(known)];
        var applied = graph.With(known);
        var wanted = graph.With(target.Select(revision => revision.Id));
        var all = graph.With(graph.All.Select(revision => revision.Id));
        wanted.ExceptWith(applied);
        all.ExceptWith(applied);
        return new AlembicPlan
        {
            Current = [.. current],
            Unknown = unknown,
            Pending = graph.InOrder(wanted),
            View = new SchemaView
            {
                Current = current.Count == 0 ? null : string.Join(", ", current),
                Latest = graph.Heads.Count == 0 ? null : string.Join(", ", graph.Heads.Select(head => head.Id)),
                Applied = graph.InOrder(applied).Select(revision => revision.ToApplied()).Concat(unknown.Select(Row)).ToArray(),
                Pending = graph.InOrder(all).Select(revision => revision.ToPending()).ToArray(),
                Unknown = [.. unknown.Select(Row)],
            },
        };
    }

    private static AppliedMigration Row(string id) => new() { Version = id, Description = "", Checksum = null, AppliedAt = null, DurationMs = null, AppliedBy = null };
}
