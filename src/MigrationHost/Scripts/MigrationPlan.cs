namespace MigrationHost.Scripts;

/// <summary>What files and history say together: what is to be applied, or why nothing may be.</summary>
internal sealed record MigrationPlan
{
    /// <summary>What to apply, in order: pending and not above the target.</summary>
    public required IReadOnlyList<Migration> Pending { get; init; }

    /// <summary>Why nothing may be applied; empty where all is well.</summary>
    public required IReadOnlyList<ScriptProblem> Problems { get; init; }

    /// <summary>What was begun to undo and is not all undone.</summary>
    public required IReadOnlyList<HistoryEntry> Undoing { get; init; }

    /// <summary>Why nothing may be applied until that is done.</summary>
    public required IReadOnlyList<ScriptProblem> HalfUndone { get; init; }

    /// <summary>What an operator should know although it stops nothing.</summary>
    public required IReadOnlyList<PlanWarning> Warnings { get; init; }

    /// <summary>Whether the history has no row at all: what the database holds was not put there by these migrations.</summary>
    public required bool Begins { get; init; }

    /// <summary>The same for the status.</summary>
    public required SchemaView View { get; init; }

    /// <summary>What of <see cref="Pending"/> was begun and is not finished: some of its statements are done.</summary>
    public IEnumerable<PendingMigration> Begun => View.Pending.Where(one =>
        one.StatementsDone is not null && Pending.Any(migration => migration.Version == one.Version));

    /// <summary>Refuses to go on where files and history disagree.</summary>
    /// <exception cref="MigrationException">There are problems: all of them are in its message.</exception>
    public MigrationPlan ThrowIfRefused()
    {
        ScriptProblem.ThrowIfAny([.. Problems, .. HalfUndone], [.. View.Applied.Select(applied => applied.Version)]);
        return this;
    }
}
