using MigrationHost.Databases;
using MigrationHost.Engines;
using MigrationHost.Layouts;
using MigrationHost.Masking;
using MigrationHost.Running;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Hosting;

/// <summary>Makes the runs of settings that were checked, with what the registries say of them.</summary>
internal sealed class RunFactory
{
    private readonly string _contentRoot;
    private readonly MigrationHostOptions _options;
    private readonly ProviderRegistry _providers;
    private readonly EngineRegistry _engines;
    private readonly Dictionary<string, IMigrationDatabase> _databases;
    private readonly Dictionary<string, IRegisteredDatabase> _registered;
    private readonly Secrets _secrets;
    private readonly Watchdog _watchdog;
    private readonly Places _places;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public RunFactory(
        IOptions<MigrationHostOptions> options,
        ProviderRegistry providers,
        EngineRegistry engines,
        Secrets secrets,
        ContentRoot contentRoot,
        Watchdog watchdog,
        TimeProvider time,
        QueuedLoggers loggers,
        IEnumerable<IRegisteredDatabase> registered)
    {
        _contentRoot = contentRoot.Path;
        (_options, _providers, _engines, _secrets, _watchdog, _time) = (options.Value, providers, engines, secrets, watchdog, time);
        _logger = new MaskedLogger(loggers.CreateLogger<MigrationRuns>(), secrets);
        _places = new Places(new SemaphoreSlim(_options.MaxParallel));
        _registered = registered.ToDictionary(database => database.Name);
        _databases = _options.Databases.ToDictionary(entry => entry.Key, entry => CreateDatabase(entry.Key, entry.Value));
    }

    public MigrationRuns Create() => new([.. _options.Databases.Select(entry => Create(entry.Key, entry.Value))]);

    private DatabaseRun Create(string name, DatabaseOptions options)
    {
        var (timeouts, database, engine) = (TimeoutsOf(options), _databases[name], _engines.Of(options.Engine));
        var setup = new EngineSetup(
            name,
            options,
            timeouts,
            database,
            PlaceOf(options, database),
            [.. NeighboursOf(name).Select(other => _engines.Of(other.Value.Engine).HistoryOf(other.Value) with { Name = other.Key })],
            _contentRoot,
            _time,
            _logger);
        var state = new DatabaseState(name, options.Provider!.Value, engine.Kind, database.Target, _time, engine.Traits)
        {
            Secrets = _secrets,
        };
        var diagnostician = new Diagnostician(name, database, _secrets, _time, _logger);
        return new DatabaseRun(
            state, timeouts, database, engine.Create(setup), diagnostician, _watchdog, _places, options.ShowStatements, _time, _logger)
        {
            SettingChecks = [.. _engines.Ignored(options)],
        };
    }

    private IMigrationDatabase CreateDatabase(string name, DatabaseOptions options)
    {
        var setup = new DatabaseSetup(
            name, options.ConnectionString!, options.ShowStatements, OwnHistory.Form, TimeoutsOf(options), _contentRoot, _time);
        return options.RegisteredAs is { } registered ? _registered[registered].Create(setup) : ProviderOf(options).Create(setup);
    }

    private IEnumerable<KeyValuePair<string, DatabaseOptions>> NeighboursOf(string name) =>
        _options.Databases.Where(other => other.Key != name && _databases[other.Key].Identity == _databases[name].Identity);

    private DatabasePlace PlaceOf(DatabaseOptions options, IMigrationDatabase database) => options.Provider == DatabaseProvider.Other
        ? new DatabasePlace { Words = database.Target, Schemes = [] }
        : ProviderOf(options).Place(options.ConnectionString!, _contentRoot);

    private IProviderDescriptor ProviderOf(DatabaseOptions options) => _providers.Of(options.Provider!.Value);

    private Timeouts TimeoutsOf(DatabaseOptions options) => Timeouts.For(options.Timeouts, _options.Timeouts);
}
