using MigrationHost.Child;
using MigrationHost.Databases;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Engines;
using MigrationHost.Engines.Alembic;
using MigrationHost.Layouts;
using MigrationHost.Masking;
using MigrationHost.Running;
using MigrationHost.Scripts;
using MigrationHost.Tools;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost;

/// <summary>All configured databases, ready to be migrated, in the order of the configuration.</summary>
internal sealed class MigrationRuns
{
    private readonly string _contentRoot;
    private readonly MigrationHostOptions _options;
    private readonly Dictionary<string, IMigrationDatabase> _databases;
    private readonly Watchdog _watchdog;
    private readonly TimeProvider _time;
    private readonly Secrets _secrets;
    private readonly ILogger _logger;

    public MigrationRuns(IOptions<MigrationHostOptions> options, Secrets secrets, IHostEnvironment environment, Watchdog watchdog,
        TimeProvider time, ILogger<MigrationRuns> logger)
    {
        _contentRoot = environment.ContentRootPath;
        _options = options.Value;
        _watchdog = watchdog;
        _time = time;
        _secrets = secrets;
        _logger = new MaskedLogger(logger, secrets);
        _databases = _options.Databases.ToDictionary(
            database => database.Key,
            database => CreateDatabase(database.Key, database.Value, Timeouts.For(database.Value.Timeouts, _options.Timeouts)));
        All = [.. _options.Databases.Select(database => Create(database.Key, database.Value))];
        State = new MigrationState([.. All.Select(run => run.State)]);
    }

    public IReadOnlyList<DatabaseRun> All { get; }

    public MigrationState State { get; }

    /// <summary>The longest that any run may take to let go.</summary>
    public TimeSpan LongestGrace => All.Max(run => run.Timeouts.Grace);

    public DatabaseRun? Find(string name) => All.FirstOrDefault(run => run.State.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private DatabaseRun Create(string name, DatabaseOptions options)
    {
        var timeouts = Timeouts.For(options.Timeouts, _options.Timeouts);
        var database = _databases[name];
        var engine = CreateEngine(name, options, database, timeouts);
        var state = new DatabaseState(name, options.Provider, options.Engine, database.Target, _time) { Secrets = _secrets };
        return new DatabaseRun(state, timeouts, database, engine, new Diagnostician(name, database, _secrets, _time, _logger), _watchdog, options.ShowStatements, _time, _logger) { SettingChecks = [.. IgnoredSettings.Of(options)] };
    }

    private IMigrationEngine CreateEngine(string name, DatabaseOptions options, IMigrationDatabase database, Timeouts timeouts) => options.Engine switch
    {
        EngineKind.Alembic => new AlembicEngine(name, database, options, timeouts, _contentRoot, _time, _logger),
        EngineKind.Command => new CommandEngine(database, ToolCommands.Of(options.Command!, _contentRoot), options.Command!.Verify is { } verify ? ToolCommands.Of(verify, _contentRoot) : null, _time, _logger),
        _ when options.Isolation == IsolationMode.ChildProcess => new ChildEngine(
            CreateSqlEngine(name, options, database),
            ChildOrder.For(name, options, Rules(name, options, database), timeouts),
            options.ShowStatements,
            _contentRoot,
            _time,
            _logger),
        _ => CreateSqlEngine(name, options, database),
    };

    private SqlEngine CreateSqlEngine(string name, DatabaseOptions options, IMigrationDatabase database) =>
        new(
            database,
            SourceOf(options),
            Rules(name, options, database),
            _time,
            _logger);

    private IMigrationSource SourceOf(DatabaseOptions options) => SiteOf(options) is var site && options.Layout == MigrationLayout.Own
        ? new ScriptFolder(site.Configured, site.FullPath)
        : new LayoutChoice(options.Layout, site);

    private LayoutSite SiteOf(DatabaseOptions options) => new(
        options.Migrations,
        Path.GetFullPath(options.Migrations, _contentRoot),
        options.Provider,
        new HistoryPlace(options.History.Table, options.History.Schema),
        options.Placeholders.AsReadOnly());

    /// <remarks>Two entries may mean one database. What the other one keeps there is not strange then, and what any tool keeps there nobody
    /// knows.</remarks>
    private SqlRules Rules(string name, DatabaseOptions options, IMigrationDatabase database)
    {
        var neighbours = _options.Databases
            .Where(other => other.Key != name && _databases[other.Key].Identity == database.Identity)
            .Select(other => other.Value)
            .ToList();
        return new SqlRules
        {
            AllowEmpty = options.AllowEmpty,
            AllowExistingTables = options.AllowExistingTables || neighbours.Any(other => other.Engine == EngineKind.Command),
            NeighbourHistories =
            [
                .. options.NeighbourHistories,
                .. from other in neighbours
                   where other.Engine != EngineKind.Command
                   select other.Engine == EngineKind.Alembic
                        ? other.Alembic?.VersionTable ?? AlembicDatabase.DefaultVersionTable
                        : HistoryTable.Name,
                .. from other in neighbours
                   where other.Engine == EngineKind.Sql && other.Layout != MigrationLayout.Own
                   from table in KnownLayouts.TablesOf(SiteOf(other), other.Layout)
                   select table,
            ],
        };
    }

    private IMigrationDatabase CreateDatabase(string name, DatabaseOptions options, Timeouts timeouts) => options.Provider switch
    {
        DatabaseProvider.PostgreSql => new PostgreSqlDatabase(name, PostgreSqlSettings.Read(options.ConnectionString!, [])!, OwnHistory.Form, timeouts, options.ShowStatements, _time),
        _ => new SqliteDatabase(name, SqliteSettings.Read(options.ConnectionString!, _contentRoot, [])!, OwnHistory.Form, options.ShowStatements, _time),
    };
}
