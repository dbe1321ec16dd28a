using System.Text.RegularExpressions;
using MigrationHost.Databases;
using MigrationHost.Engines.Tools;
using MigrationHost.Running;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines.Alembic;

/// <summary>
/// Alembic itself, as a process of its own: what is pending is known before it starts, and what it says is proven afterwards.
/// </summary>
internal sealed partial class AlembicEngine : IMigrationEngine
{
    private readonly IMigrationDatabase _database;
    private readonly AlembicOptions _options;
    private readonly AlembicPlace _place;
    private readonly AlembicOwnDatabase _own;
    private readonly bool _sqlite;
    private readonly TimeSpan _longestWait;
    private readonly Lazy<(ToolCommand Tool, AlembicQuestion Question)> _found;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public AlembicEngine(EngineSetup setup)
    {
        (_database, _time, _logger) = (setup.Database, setup.Time, setup.Logger);
        _options = setup.Options.Alembic ?? new AlembicOptions();
        _place = new AlembicPlace(_options.WorkingDirectory, _options.Config, setup.ContentRoot);
        _own = new AlembicOwnDatabase(setup.Place);
        _sqlite = _own.IsSqlite;
        _longestWait = setup.Timeouts.Lock;
        _found = new Lazy<(ToolCommand, AlembicQuestion)>(Find, LazyThreadSafetyMode.PublicationOnly);

        (ToolCommand, AlembicQuestion) Find()
        {
            var tool = Tool(_options, _place, setup.ContentRoot);
            var interpreter = Found(AlembicInterpreter.Find(_options, setup.ContentRoot));
            return (tool, new AlembicQuestion(setup.Name, tool, interpreter, _place, setup.Timeouts, _time, _logger));
        }
    }

    public async Task MigrateAsync(Watch watch, string? target)
    {
        var began = _time.GetTimestamp();
        var applied = await CatchUpAsync(watch, await SetupAsync(watch, target).ConfigureAwait(false)).ConfigureAwait(false);
        var ready = PlaceText.Ready(watch.State.Read().Current);
        Log.Ready(_logger, watch.State.Name, ready, Duration.Say(_time.GetElapsedTime(began)), applied);
    }

    public async Task<bool> InspectAsync(Watch watch, string? target)
    {
        var setup = await SetupAsync(watch, target).ConfigureAwait(false);
        watch.State.Enter(MigrationPhase.Connecting);
        return (await PlanAsync(watch, setup, new AlembicDatabase(_database, SessionPurpose.Inspect))
            .ConfigureAwait(false)).Pending.Count > 0;
    }

    // A step from where the database is means something else at every start.
    public string? TargetProblem(string target) =>
        Relative().IsMatch(target) ? $"'{target}' is not a fixed target; name head, heads, a revision or label@head" : null;

    public (string Tool, string Hint) Instead(string command) => ("Alembic", $"'alembic -c {_place.Config} {command switch
    {
        "new" => "revision -m DESCRIPTION' makes the next revision",
        "script" => "upgrade head --sql' writes the SQL that would run",
        "down" => "downgrade -1' undoes the last revision",
        "resolve" => "stamp REVISION' records a revision as done",
        _ => "stamp REVISION' records everything up to a revision as applied",
    }}.");

    public IEnumerable<DoctorCheck> Check()
    {
        yield return DoctorCheck.Ok("tool", $"alembic is {_found.Value.Tool.Executable}, its project {_place.Config}");
        if (_sqlite)
            yield return DoctorCheck.Ok("production",
                "SQLite takes one writer at a time, and Alembic has no transaction around a revision on it; for several instances "
                + "PostgreSQL is advised");
    }

    public async Task<IReadOnlyList<DoctorCheck>> CheckToolAsync(Watch watch)
    {
        try
        {
            var project = await Question(watch).AskAsync(_options.Target, [], watch).ConfigureAwait(false);
            var mismatch = _own.Mismatch(project.Address, _place.WorkingDirectoryPath, strictly: true);
            List<DoctorCheck> findings = [.. AlembicDoctor.Examine(project, mismatch, _options, _sqlite, _longestWait)];
            if (_sqlite && findings.TrueForAll(finding => finding.Result != DoctorResult.Problem))
                findings.AddRange(await HalfAppliedAsync(AlembicSetup.Check(project, _options.Target, _options, _own, _place))
                    .ConfigureAwait(false));
            List<DoctorCheck> checks = [DoctorCheck.Ok("versions", project.Versions.ToString())];
            if (_sqlite)
            {
                var patience = TimeSpan.FromSeconds(Math.Clamp(AlembicDoctor.DriverPatience(project).Seconds, 0, 1e9));
                checks.Add(DoctorCheck.Ok("busy timeout", $"Alembic's driver waits {Duration.Say(patience)} for a lock, "
                    + $"and MigrationHost {Duration.Say(_longestWait)} in all"));
            }
            if (findings.Count == 0)
            {
                findings.Add(DoctorCheck.Ok("alembic", $"{project.Revisions.Count} revisions up to {AlembicErrors.Place(project.Heads)}; "
                    + $"nothing wrong in {_place.Config}, {project.EnvFile} and the revisions"));
            }
            return [.. checks, .. findings];
        }
        catch (MigrationException e)
        {
            return [AlembicDoctor.Refused(e)];
        }
        catch (OperationCanceledException e) when (watch.Verdict is { } verdict)
        {
            return [AlembicDoctor.Refused(new MigrationException(RunErrors.Of(verdict, watch.State.Read()), e))];
        }
    }

    // SQLite has no transaction around a revision: one that was ended in the middle fails at every start from then on.
    private async Task<IReadOnlyList<DoctorCheck>> HalfAppliedAsync(AlembicSetup setup)
    {
        if (await new AlembicDatabase(_database, SessionPurpose.Inspect).LookAsync(setup).ConfigureAwait(false) is not var (current, names)
            || AlembicPlan.Make(setup.Project, current).Pending is not [var next, ..]
            || AlembicLeftovers.InTheWay(_place.Text(next.File), names) is not { Count: > 0 } there)
            return [];
        return
        [
            DoctorCheck.Problem(
                "alembic",
                $"{next.File}: {string.Join(", ", there)} {AlembicErrors.Are(there)} there already, but the database is still "
                    + $"at {AlembicErrors.Place(current)} and not at {next.Id}: the revision is half applied, or this was made by "
                    + "hand, and the next start fails on it",
                $"{AlembicErrors.Mend(next, there, _place)}.") with { File = next.File },
        ];
    }

    private static ToolCommand Tool(AlembicOptions options, AlembicPlace place, string contentRoot)
    {
        var environment = options.Environment.ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal);
        // What a revision prints must be visible when it prints it.
        environment.TryAdd("PYTHONUNBUFFERED", "1");
        return new ToolCommand
        {
            Name = "alembic",
            Executable = ExecutableFile.Find(options.Executable, contentRoot, ToolSettings.SearchPath(options.Environment))
                ?? throw AlembicErrors.Setting($"Alembic:Executable: {ExecutableFile.WhyNot(options.Executable, contentRoot)}", null),
            WorkingDirectory = place.WorkingDirectoryPath,
            Environment = environment,
        };
    }

    private static AlembicInterpreter Found((AlembicInterpreter? Found, string? Problem) interpreter) =>
        interpreter.Found ?? throw AlembicErrors.Setting($"Alembic:{interpreter.Problem}", null);

    /// <exception cref="MigrationException">Alembic or its Python is gone since the settings were checked.</exception>
    private AlembicQuestion Question(Watch watch) =>
        watch.Read(_options.Python ?? _options.Executable, () => _found.Value).Question;

    private async Task<AlembicSetup> SetupAsync(Watch watch, string? target)
    {
        target ??= _options.Target;
        if (TargetProblem(target) is { } problem)
            throw AlembicErrors.Target(target, problem);
        var project = await Question(watch).AskAsync(target, [], watch).ConfigureAwait(false);
        var setup = AlembicSetup.Check(project, target, _options, _own, _place);
        watch.State.SeeFiles(project.Heads.Count == 0 ? null : AlembicErrors.Place(project.Heads));
        return setup;
    }

    /// <summary>
    /// Looks before it takes any lock or starts anything, and again once it has the turn: another instance may have been faster.
    /// </summary>
    private async Task<int> CatchUpAsync(Watch watch, AlembicSetup setup)
    {
        var reader = new AlembicDatabase(_database, SessionPurpose.Migrate);
        watch.State.Enter(MigrationPhase.Connecting);
        var plan = await PlanAsync(watch, setup, reader).ConfigureAwait(false);
        var (count, place) = (PlaceText.Count(setup.Project.Revisions.Count), PlaceText.At(plan.View.Current));
        Log.Planned(_logger, watch.State.Name, count, _place.Config, _database.Target, place, plan.Pending.Count);
        if (plan.Pending.Count == 0)
            return 0;

        await using var session = await reader.Access.OpenAsync(watch, SessionPurpose.Turn).ConfigureAwait(false);
        watch.State.Enter(MigrationPhase.WaitingForTurn);
        await using var turn = await reader.Access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        plan = await PlanAsync(watch, setup, reader).ConfigureAwait(false);
        if (plan.Pending.Count == 0)
            return 0;
        watch.State.Enter(MigrationPhase.Migrating);
        var tool = _found.Value.Tool;
        return await new AlembicUpgrade(watch, _database, reader, setup, _place, tool, turn, _sqlite, _time, _logger).RunAsync(plan)
            .ConfigureAwait(false);
    }

    private async Task<AlembicPlan> PlanAsync(Watch watch, AlembicSetup setup, AlembicDatabase reader)
    {
        var plan = AlembicPlan.Make(setup.Project, await reader.CurrentAsync(watch, setup).ConfigureAwait(false));
        if (plan.Unknown.Count == 0 && plan.Current.Count > 0 && !plan.IsInOrder)
            plan = AlembicPlan.Make(await Question(watch).AskAsync(setup.Target, plan.Current, watch).ConfigureAwait(false),
                plan.Current);
        watch.State.See(plan.View);
        return plan.Unknown.Count == 0 ? plan : throw AlembicErrors.Unknown(setup.Project, plan.Unknown);
    }

    [GeneratedRegex(@"^base$|[+-]\d+$|:")]
    private static partial Regex Relative();
}
