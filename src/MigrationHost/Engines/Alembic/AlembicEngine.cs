using MigrationHost.Databases;
using MigrationHost.Scripts;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines.Alembic;

/// <summary>Alembic itself, as a process of its own: what is pending is known before it starts, and what it says is proven afterwards.</summary>
internal sealed class AlembicEngine : IMigrationEngine
{
    private readonly IMigrationDatabase _database;
    private readonly AlembicOptions _options;
    private readonly AlembicPlace _place;
    private readonly AlembicOwnDatabase _own;
    private readonly bool _sqlite;
    private readonly TimeSpan _longestWait;
    private readonly ToolCommand _tool;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="database">The database.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="longestWait">How long a wait for a lock may last: <c>Timeouts:Lock</c>.</param>
    /// <param name="contentRoot">Where relative paths count from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what is logged.</param>
    public AlembicEngine(IMigrationDatabase database, DatabaseOptions options, TimeSpan longestWait, string contentRoot, TimeProvider time, ILogger logger)
    {
        _database = database;
        _options = options.Alembic ?? new AlembicOptions();
        _place = AlembicPlace.Of(_options, contentRoot);
        _own = AlembicOwnDatabase.Of(options, contentRoot);
        _sqlite = options.Provider == DatabaseProvider.Sqlite;
        _longestWait = longestWait;
        _tool = Tool(_options, _place, contentRoot);
        _time = time;
        _logger = logger;
    }

    public async Task MigrateAsync(Watch watch, string? target)
    {
        var began = _time.GetTimestamp();
        var applied = await CatchUpAsync(watch, Setup(watch, target)).ConfigureAwait(false);
        var ready = PlaceText.Ready(watch.State.Read().Current);
        Log.Ready(_logger, watch.State.Name, ready, Duration.Say(_time.GetElapsedTime(began)), applied);
    }

    public async Task<bool> InspectAsync(Watch watch, string? target)
    {
        var setup = Setup(watch, target);
        watch.State.Enter(MigrationPhase.Connecting);
        return (await PlanAsync(watch, setup, new AlembicDatabase(_database, SessionPurpose.Inspect)).ConfigureAwait(false)).Pending.Count > 0;
    }

    public Task ResolveAsync(Watch watch, MigrationVersion version, bool applied) => throw new MigrationException(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = "there is nothing to resolve: Alembic keeps the history of this database, not MigrationHost",
        Hint = $"'alembic -c {_place.Config} stamp REVISION' records a revision as done.",
    });

    public Task BaselineAsync(Watch watch, MigrationVersion version, bool dryRun) => throw new MigrationException(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = "baseline is for Engine Sql: Alembic keeps the history of this database, not MigrationHost",
        Hint = $"'alembic -c {_place.Config} stamp REVISION' records everything up to a revision as applied.",
    });

    public IEnumerable<DoctorCheck> Check()
    {
        yield return DoctorCheck.Ok("tool", $"alembic is {_tool.Executable}, its project {_place.Config}");
        if (_sqlite)
            yield return DoctorCheck.Ok("production", "SQLite takes one writer at a time, and Alembic has no transaction around a revision on it; for several instances PostgreSQL is advised");
    }

    public async Task<IReadOnlyList<DoctorCheck>> CheckToolAsync(CancellationToken cancellationToken)
    {
        var versions = await AlembicInterpreter.AskAsync(_tool, _time, cancellationToken).ConfigureAwait(false);
        try
        {
            var project = AlembicProject.Read(_place);
            var address = AlembicAddress.Find(project, Variable);
            var mismatch = _own.Mismatch(address.Url, _place.WorkingDirectoryPath, strictly: true);
            IReadOnlyList<DoctorCheck> findings = [.. AlembicDoctor.Examine(project, address, mismatch, _options.Target, _sqlite, versions, _longestWait)];
            return
            [
                DoctorCheck.Ok("versions", versions.ToString()),
                .. _sqlite ? [DoctorCheck.Ok("busy timeout", $"Alembic's driver waits {Duration.Say(TimeSpan.FromSeconds(Math.Clamp(AlembicDoctor.DriverPatience(address, project).Seconds, 0, 1e9)))} for a lock, and MigrationHost {Duration.Say(_longestWait)} in all")] : Array.Empty<DoctorCheck>(),
                .. findings.Count > 0 ? findings : [DoctorCheck.Ok("alembic", $"{project.Graph.All.Count} revisions up to {AlembicErrors.Place([.. project.Graph.Heads.Select(head => head.Id)])}; nothing wrong in {project.Ini.File}, {project.EnvFile} and the revisions")],
            ];
        }
        catch (MigrationException e)
        {
            return [DoctorCheck.Problem("alembic", e.Error.Message, e.Error.Hint ?? "") with { File = e.Error.File, Line = e.Error.Line }];
        }
    }

    private static ToolCommand Tool(AlembicOptions options, AlembicPlace place, string contentRoot)
    {
        var environment = options.Environment.ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal);
        // What a revision prints is to be seen when it prints it.
        environment.TryAdd("PYTHONUNBUFFERED", "1");
        return new ToolCommand
        {
            Name = "alembic",
            Executable = ExecutableFile.Find(options.Executable, contentRoot, CommandReader.SearchPath(options.Environment))
                ?? throw new MigrationException(new MigrationError { Code = MigrationErrorCode.InvalidConfiguration, Message = ExecutableFile.WhyNot(options.Executable, contentRoot) }),
            WorkingDirectory = place.WorkingDirectoryPath,
            Environment = environment,
        };
    }

    private AlembicSetup Setup(Watch watch, string? target)
    {
        var setup = AlembicSetup.Read(_place, target ?? _options.Target, _own, Variable);
        watch.State.SeeFiles(setup.Project.Graph.Heads.Count == 0 ? null : AlembicErrors.Place([.. setup.Project.Graph.Heads.Select(head => head.Id)]));
        return setup;
    }

    private string? Variable(string name) => _options.Environment.TryGetValue(name, out var own) ? own : Environment.GetEnvironmentVariable(name);

    /// <summary>Looks before it takes any lock or starts anything, and again once it has the turn: somebody may have been faster.</summary>
    private async Task<int> CatchUpAsync(Watch watch, AlembicSetup setup)
    {
        var reader = new AlembicDatabase(_database, SessionPurpose.Migrate);
        watch.State.Enter(MigrationPhase.Connecting);
        var plan = await PlanAsync(watch, setup, reader).ConfigureAwait(false);
        var (count, place) = (setup.Project.Graph.All.Count, PlaceText.At(plan.View.Current));
        Log.Planned(_logger, watch.State.Name, count, _place.Config, _database.Target, place, plan.Pending.Count);
        if (plan.Pending.Count == 0)
            return 0;
        if (AlembicVersionTable.Check(await AlembicInterpreter.AskAsync(_tool, _time, watch.Token).ConfigureAwait(false)).FirstOrDefault() is ({ } problem, { } remedy))
            throw AlembicErrors.Versions(problem, remedy);

        await using var session = await reader.Access.OpenAsync(watch, SessionPurpose.Turn).ConfigureAwait(false);
        watch.State.Enter(MigrationPhase.WaitingForTurn);
        await using var turn = await reader.Access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        plan = await PlanAsync(watch, setup, reader).ConfigureAwait(false);
        if (plan.Pending.Count == 0)
            return 0;
        watch.State.Enter(MigrationPhase.Migrating);
        return await new AlembicUpgrade(watch, _database, reader, setup, _place, _tool, turn, _sqlite, _time, _logger).RunAsync(plan).ConfigureAwait(false);
    }

    private static async Task<AlembicPlan> PlanAsync(Watch watch, AlembicSetup setup, AlembicDatabase reader)
    {
        var plan = AlembicPlan.Make(setup.Project.Graph, setup.Targets, await reader.CurrentAsync(watch, setup.Project).ConfigureAwait(false));
        watch.State.See(plan.View);
        return plan.Unknown.Count == 0 ? plan : throw AlembicErrors.Unknown(setup.Project, plan.Unknown);
    }
}
