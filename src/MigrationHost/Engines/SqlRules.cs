namespace MigrationHost.Engines;

/// <summary>What a user allows the SQL engine to take for granted.</summary>
internal sealed record SqlRules
{
    /// <summary>A folder without migrations is meant so.</summary>
    public bool AllowEmpty { get; init; }

    /// <summary>Migrations may begin in a database that has tables already.</summary>
    public bool AllowExistingTables { get; init; }

    /// <summary>The history tables of other databases of this configuration that are the same database: what is in it may be
    /// theirs.</summary>
    public IReadOnlyList<string> NeighbourHistories { get; init; } = [];

    /// <summary>Somebody has named the place of another tool's history.</summary>
    public bool NamesHistory { get; init; }

    /// <summary>What an operator should know of the settings although it stops nothing.</summary>
    public IReadOnlyList<PlanWarning> Warnings { get; init; } = [];

    /// <summary>What the settings say.</summary>
    /// <remarks>Two entries may mean one database. What the other one keeps there is not strange then, and what any tool keeps there nobody
    /// knows.</remarks>
    public static SqlRules Of(EngineSetup setup) => new()
    {
        AllowEmpty = setup.Options.AllowEmpty,
        AllowExistingTables = setup.Options.AllowExistingTables || setup.Neighbours.Any(neighbour => neighbour.Table is null),
        NamesHistory = setup.Options.History is not { Table: null, Schema: null },
        NeighbourHistories =
        [
            .. setup.Options.NeighbourHistories,
            .. setup.Neighbours.Select(neighbour => neighbour.Table).OfType<string>(),
            .. setup.Neighbours.Select(neighbour => neighbour.Entry).OfType<DatabaseOptions>()
                .SelectMany(entry => SqlDescriptor.TablesOf(entry, setup.Database.Facts.Dialect, setup.ContentRoot)),
        ],
        Warnings = [.. setup.Neighbours.Where(neighbour => IsTheSame(neighbour.Entry, setup)).Select(SameAs)],
    };

    // On a server the search path may be another one, and with it the history.
    private static bool IsTheSame(DatabaseOptions? neighbour, EngineSetup setup) => neighbour is not null
        && (setup.Place.File is not null || neighbour.ConnectionString == setup.Options.ConnectionString)
        && neighbour.Layout == setup.Options.Layout
        && MigrationsSetting.FullPath(neighbour.Migrations, setup.ContentRoot)
            == MigrationsSetting.FullPath(setup.Options.Migrations, setup.ContentRoot);

    private static PlanWarning SameAs(NeighbourHistory neighbour) => new(
        $"the entry '{neighbour.Name}' has the same database and the same migrations: what either applies counts, and shows, for both",
        "Remove one of the two, or correct its ConnectionString or Migrations.");
}
