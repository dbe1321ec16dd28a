namespace MigrationHost.Scripts;

/// <summary>What a source holds, before any history was read.</summary>
/// <param name="Place">The source, for messages: a folder as it is configured.</param>
/// <param name="Order">The order of the ids.</param>
internal sealed record MigrationSet(string Place, IComparer<string> Order)
{
    private const int ShortNumber = 4;

    /// <summary>The migrations in their order, none twice unless there are problems.</summary>
    public IReadOnlyList<Migration> Migrations { get; init; } = [];

    /// <summary>What runs before the first pending migration; null if nothing does.</summary>
    public Migration? BeforeMigrate { get; init; }

    /// <summary>What runs after the last pending migration; null if nothing does.</summary>
    public Migration? AfterMigrate { get; init; }

    /// <summary>Whether an id is that of a repeatable migration, also if its file is gone.</summary>
    public Func<string, bool> IsRepeatable { get; init; } = _ => false;

    /// <summary>Whether there is none that has a place in the order: one that repeats depends on others.</summary>
    public bool IsEmpty => Migrations.All(migration => migration.Repeats);

    /// <summary>Whether a file is not what was applied. Unknown, and so false, where the history has no checksum.</summary>
    public bool HasChanged(Migration file, HistoryEntry applied) => applied.Checksum is { } checksum
        && (!file.Has(checksum) || KeepsDescriptions && applied.Description != file.Description);

    /// <summary>What is wrong with files, whatever the history says. If there are any, the migrations are not to be used.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; init; } = [];

    /// <summary>What forbids to begin with this source, and says nothing against going on with it.</summary>
    public IReadOnlyList<ScriptFinding> Findings { get; init; } = [];

    /// <summary>Whether a migration may be applied after one that comes behind it in the order, as its tool does.</summary>
    public bool RunsLate { get; init; }

    /// <summary>Whether the file of an applied migration may be gone, as for its tool.</summary>
    public bool MayLack { get; init; }

    /// <summary>Whether the file of an applied migration may have changed, since its tool never looks: worth a warning.</summary>
    public bool MayChange { get; init; }

    /// <summary>Whether the description of an applied migration has to stay as its row has it, as for its tool.</summary>
    public bool KeepsDescriptions { get; init; }

    /// <summary>What speaks against its being whose it was read as, and what to do: the history in the database decides. Null if nothing
    /// does.</summary>
    public (string What, string Remedy)? Doubt { get; init; }

    /// <summary>What an operator should know of it although it stops nothing.</summary>
    public IReadOnlyList<PlanWarning> Warnings { get; init; } = [];

    /// <summary>The problem of a source that holds no migration.</summary>
    public required ScriptProblem Empty { get; init; }

    /// <summary>What one of them is called, for messages.</summary>
    public string Noun { get; init; } = "migration file";

    /// <summary>How many there are, in words.</summary>
    public string Count => $"{Migrations.Count} {Noun}{(Migrations.Count == 1 ? "" : "s")}";

    public string? Latest => Migrations.LastOrDefault(migration => !migration.Repeats)?.Version;

    /// <summary>All that runs if something is pending.</summary>
    public IReadOnlyList<Migration> ToRun(IReadOnlyList<Migration> pending) =>
        pending.Count == 0 ? [] : [.. Enumerable.OfType<Migration>((Migration?[])[BeforeMigrate, .. pending, AfterMigrate])];

    /// <summary>The migration before another one in the order; null if there is none.</summary>
    public string? Before(string version) =>
        Migrations.LastOrDefault(migration => Order.Compare(migration.Version, version) < 0)?.Version;

    /// <summary>The id that somebody may have meant, in words: a short number that is another one is no slip.</summary>
    public string Nearest(string wanted)
    {
        string[] last = [.. Migrations.Select(migration => migration.Version).TakeLast(10)];
        return wanted.Length > ShortNumber || last.Length == 0
            ? NearestName.Suggest(wanted, last)
            : $"; the last {(last.Length == 1 ? "is" : "are")} {string.Join(", ", last)}";
    }
}
