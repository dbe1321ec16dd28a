namespace MigrationHost.Engines.Alembic;

/// <summary>What Alembic and the database say together: what is applied, what is pending, and whether they fit.</summary>
internal sealed record AlembicPlan
{
    /// <summary>Where the database is: the rows of its version table.</summary>
    public required IReadOnlyList<string> Current { get; init; }

    /// <summary>Rows that no file declares.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>What is still to run up to the target, in order.</summary>
    public required IReadOnlyList<AlembicRevision> Pending { get; init; }

    /// <summary>
    /// Whether only one order is possible. Else Alembic's own depends on where the database is, and it has to be asked again.
    /// </summary>
    public required bool IsInOrder { get; init; }

    /// <summary>The same for the status.</summary>
    public required SchemaView View { get; init; }

    /// <param name="project">The project.</param>
    /// <param name="current">The rows of the version table.</param>
    public static AlembicPlan Make(AlembicProject project, IReadOnlyList<string> current)
    {
        IReadOnlyList<string> known = [.. current.Where(id => project.Find(id) is not null)];
        IReadOnlyList<string> unknown = [.. current.Except(known)];
        var applied = project.With(known);
        var wanted = project.With(project.Targets);
        IReadOnlyList<AlembicRevision> pending =
        [
            .. project.Plan.Select(id => project.Find(id)!).Concat(project.Revisions).Where(revision =>
                wanted.Contains(revision.Id) && !applied.Contains(revision.Id)).Distinct(),
        ];
        return new AlembicPlan
        {
            Current = current,
            Unknown = unknown,
            Pending = pending,
            IsInOrder = pending.Zip(pending.Skip(1)).All(pair => pair.Second.After.Contains(pair.First.Id)),
            View = new SchemaView
            {
                Current = current.Count == 0 ? null : string.Join(", ", current),
                Latest = project.Heads.Count == 0 ? null : string.Join(", ", project.Heads),
                Applied = project.Revisions.Where(revision => applied.Contains(revision.Id)).Select(revision => revision.ToApplied())
                    .Concat(unknown.Select(Row)).ToArray(),
                Pending = pending.Concat(project.Revisions.Where(revision => !applied.Contains(revision.Id))).Distinct()
                    .Select(revision => revision.ToPending()).ToArray(),
                Unknown = [.. unknown.Select(Row)],
            },
        };
    }

    private static AppliedMigration Row(string id) => AlembicRevision.Applied(id, "");
}
