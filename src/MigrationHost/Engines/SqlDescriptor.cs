using MigrationHost.Child;
using MigrationHost.Layouts;
using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Scripts;
using MigrationHost.Tools;

namespace MigrationHost.Engines;

/// <summary>MigrationHost's own engine.</summary>
internal sealed class SqlDescriptor : IEngineDescriptor
{
    private static readonly DatabaseOptions Unset = new();

    public EngineKind Kind => EngineKind.Sql;

    public IReadOnlyList<EngineSetting> Settings { get; } =
    [
        new("Migrations", options => options.Migrations != Unset.Migrations) { WhyIgnored = "it has the migrations that the tool has" },
        new("Layout", options => options.Layout != Unset.Layout),
        new("History", options => options.History is not { Table: null, Schema: null }),
        new("Placeholders", options => options.Placeholders.Count > 0),
        new("AllowEmpty", options => options.AllowEmpty),
        new("AllowExistingTables", options => options.AllowExistingTables),
        new("Isolation", options => options.Isolation != Unset.Isolation)
        {
            WhyIgnored = "an external tool always runs in a process of its own",
        },
    ];

    public EngineTraits Traits { get; } = new() { UsesOurSession = true };

    public void Read(SectionReader reader, DatabaseOptions options)
    {
        options.Migrations = reader.Text("Migrations") ?? options.Migrations;
        options.Layout = reader.Choice("Layout", options.Layout);
        if (reader.Has("History"))
        {
            var history = reader.Section("History");
            options.History = new HistoryOptions { Table = history.Text("Table"), Schema = history.Text("Schema") };
            history.Close();
        }
        foreach (var (name, value) in reader.Names("Placeholders"))
            options.Placeholders[name] = value;
        options.AllowEmpty = reader.Flag("AllowEmpty", options.AllowEmpty);
        options.AllowExistingTables = reader.Flag("AllowExistingTables", options.AllowExistingTables);
        options.Isolation = reader.Choice("Isolation", options.Isolation);
    }

    public IEnumerable<string> Problems(DatabaseOptions options, string contentRoot)
    {
        if (options.Isolation == IsolationMode.ChildProcess && SupervisorProgram.Missing is { } program)
            yield return $"Isolation: {program}";
        if (options.Isolation == IsolationMode.ChildProcess && EmbeddedFiles.Are(options.Migrations))
            yield return "Isolation: a child process has no migrations that are embedded in this program; name a folder in Migrations";
        if (MigrationsSetting.Problem(options.Migrations, contentRoot) is { } folder)
            yield return $"Migrations: {folder}";
    }

    public NeighbourHistory HistoryOf(DatabaseOptions options) => new(HistoryTable.Name) { Entry = options };

    /// <summary>The tables of other tools that may have the history of an entry, by its layout and its folder.</summary>
    public static IEnumerable<string> TablesOf(DatabaseOptions options, SqlDialect? dialect, string contentRoot) =>
        options.Layout == MigrationLayout.Own || dialect is null ? []
        : new LayoutChoice(options.Layout, SiteOf(options, dialect, contentRoot)).Tables;

    public IMigrationEngine Create(EngineSetup setup)
    {
        var rules = SqlRules.Of(setup);
        var engine = new SqlEngine(
            setup.Database,
            SourceOf(setup),
            rules,
            setup.Time,
            setup.Logger);
        return setup.Options.Isolation == IsolationMode.InProcess ? engine : InChild(setup, rules, engine);
    }

    private static IMigrationSource SourceOf(EngineSetup setup)
    {
        var site = SiteOf(setup.Options, setup.Database.Facts.Dialect!, setup.ContentRoot);
        return setup.Options.Layout == MigrationLayout.Own
            ? new ScriptFolder(site.Files, site.Syntax, site.Placeholders)
            : new LayoutChoice(setup.Options.Layout, site);
    }

    private static LayoutSite SiteOf(DatabaseOptions options, SqlDialect dialect, string contentRoot) => new(
        MigrationsSetting.FilesOf(options.Migrations, contentRoot),
        dialect,
        new HistoryPlace(options.History.Table, options.History.Schema),
        options.Placeholders.AsReadOnly());

    // The child knows one entry of the configuration: what follows from the others is in its order.
    private static ChildEngine InChild(EngineSetup setup, SqlRules rules, SqlEngine engine)
    {
        var options = setup.Options.Copy();
        options.Migrations = SeenByChild(options.Migrations, setup.ContentRoot);
        options.AllowExistingTables = rules.AllowExistingTables;
        options.NeighbourHistories = rules.NeighbourHistories;
        return new ChildEngine(
            engine,
            ChildOrder.For(setup.Name, options, setup.Timeouts),
            setup.Options.ShowStatements,
            holdersAreProcesses: setup.Place.File is not null,
            setup.ContentRoot,
            setup.Time,
            setup.Logger);
    }

    // Its program has a folder of its own.
    private static string SeenByChild(string migrations, string contentRoot) => BriefLook.Take(
        () => MigrationsSetting.FullPath(migrations, contentRoot) is var found && found != Path.GetFullPath(migrations, contentRoot)
            ? found
            : migrations,
        migrations);
}
