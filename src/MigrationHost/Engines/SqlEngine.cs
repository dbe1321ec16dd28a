using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>MigrationHost's own engine: the SQL files of a folder.</summary>
internal sealed class SqlEngine(IMigrationDatabase database, string folder, string folderPath, TimeProvider time, ILogger logger) : IMigrationEngine
{
    private const int MostLosses = 5;

    private readonly DatabaseAccess _access = new(database);

    public async Task MigrateAsync(Watch watch, string? upTo)
    {
        var target = Version(upTo);
        var began = time.GetTimestamp();
        var scripts = ReadScripts(watch, target);
        foreach (var note in database.Notes)
            Log.Note(logger, watch.State.Name, note);
        var applied = 0;
        var connections = await ConnectingAgainAsync(watch, () => CatchUpAsync(watch, scripts, target, () => applied++)).ConfigureAwait(false);
        if (applied > 0 || connections > 1)
            await ConnectingAgainAsync(watch, () => VerifyAsync(watch, scripts, target)).ConfigureAwait(false);
        Log.Ready(logger, watch.State.Name, watch.State.Read().Current ?? "nothing", Duration.Say(time.GetElapsedTime(began)), applied);
    }

    public async Task<bool> InspectAsync(Watch watch, string? upTo)
    {
        var target = Version(upTo);
        var scripts = ReadScripts(watch, target);
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Inspect).ConfigureAwait(false);
        var plan = await PlanAsync(watch, session, scripts, target).ConfigureAwait(false);
        foreach (var warning in plan.Warnings)
            Log.Warning(logger, watch.State.Name, warning);
        return plan.ThrowIfRefused().Pending.Count > 0;
    }

    public async Task ResolveAsync(Watch watch, MigrationVersion version, bool applied)
    {
        var (scripts, _) = ScriptFolder.Read(folder, folderPath);
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        Settle(await ReadHistoryAsync(watch, session).ConfigureAwait(false), version);
        await using var turn = await _access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        var entry = Settle(await ReadHistoryAsync(watch, session).ConfigureAwait(false), version);

        var checksum = scripts.FirstOrDefault(script => script.Version == version)?.Checksum ?? entry.Checksum;
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        watch.CountLocksIn(wait);
        while (true)
        {
            await using var transaction = await wait.UntilAsync("the write lock", () => turn.TryBeginAsync(version, ScriptHeader.None, watch.Token)).ConfigureAwait(false);
            if (applied)
                await transaction.RecordAsync(entry with { State = HistoryState.Applied, Checksum = checksum, AppliedAt = time.GetUtcNow(), AppliedBy = Instance.Name }, watch.Token).ConfigureAwait(false);
            else
                await transaction.ForgetAsync(version, watch.Token).ConfigureAwait(false);
            if (await wait.OnceAsync("readers to let the commit through", () => transaction.TryCommitAsync(watch.Token)).ConfigureAwait(false))
                return;
            await transaction.DisposeAsync().ConfigureAwait(false);
            await wait.PauseAsync(turn).ConfigureAwait(false);
        }
    }

    public IEnumerable<DoctorCheck> Check()
    {
        var (scripts, problems) = ScriptFolder.Read(folder, folderPath);
        foreach (var problem in problems)
            yield return DoctorCheck.Problem("migrations", problem.ToString(), "Correct the file; nothing is applied while one of them is wrong.") with { File = problem.File, Line = problem.Line };
        if (problems.Count == 0 && scripts.Count == 0)
            yield return DoctorCheck.Warning("migrations", $"{folder} has no migration files", "Add files named <version>_<description>.sql, or point Migrations at their folder.");
        else if (problems.Count == 0)
            yield return DoctorCheck.Ok("migrations", $"{scripts.Count} files in {folder}, up to version {scripts[^1].Version}");
    }

    public string? TargetProblem(string target) => MigrationVersion.TryParse(target, out _) ? null : "a version is a whole number";

    private MigrationVersion? Version(string? target) =>
        target is null ? null
        : MigrationVersion.TryParse(target, out var version) ? version
        : throw new MigrationException(
            new MigrationError { Code = MigrationErrorCode.InvalidConfiguration, Message = $"--target: {TargetProblem(target)}" });

    // Only what was begun and never finished can be settled.
    private static HistoryEntry Settle(IReadOnlyCollection<HistoryEntry> history, MigrationVersion version) =>
        history.FirstOrDefault(entry => entry.Version == version) switch
        {
            { State: HistoryState.Started } entry => entry,
            { } entry => throw NothingToSettle($"version {version} was applied on {entry.AppliedAt:yyyy-MM-dd HH:mm:ss}Z"),
            null => throw NothingToSettle($"version {version} was never begun"),
        };

    private static MigrationException NothingToSettle(string why) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"there is nothing to resolve: {why}",
        Hint = "'migrationhost status' shows what is applied and pending.",
    });

    private IReadOnlyList<MigrationScript> ReadScripts(Watch watch, MigrationVersion? target)
    {
        var (scripts, problems) = ScriptFolder.Read(folder, folderPath);
        ScriptProblem.ThrowIfAny(problems, []);
        watch.State.SeeFiles(scripts.Count == 0 ? null : scripts[^1].Version.ToString());
        if (target is not null && scripts.All(script => script.Version != target))
        {
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.InvalidConfiguration,
                Message = $"target {target}: {folder} has no such version{NearestName.Suggest($"{target}", [.. scripts.Select(script => script.Version.ToString()).TakeLast(10)])}",
            });
        }
        return scripts;
    }

    /// <summary>Applies what is pending. Looks before it takes any lock, and again once it has the turn: somebody may have been faster.</summary>
    private async Task CatchUpAsync(Watch watch, IReadOnlyList<MigrationScript> scripts, MigrationVersion? target, Action applied)
    {
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        var plan = await PlanAsync(watch, session, scripts, target).ConfigureAwait(false);
        Log.Planned(logger, watch.State.Name, scripts.Count, folder, database.Target, plan.View.Current ?? "nothing", plan.Pending.Count);
        foreach (var warning in plan.Warnings)
            Log.Warning(logger, watch.State.Name, warning);
        if (plan.ThrowIfRefused().Pending.Count == 0)
            return;
        if (plan.View.Applied.Count == 0)
            await RefuseHistoryElsewhereAsync(watch, session, scripts).ConfigureAwait(false);

        watch.State.Enter(MigrationPhase.WaitingForTurn);
        await using var turn = await _access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        plan = (await PlanAsync(watch, session, scripts, target).ConfigureAwait(false)).ThrowIfRefused();
        watch.State.Enter(MigrationPhase.Migrating);
        var view = plan.View;
        foreach (var script in plan.Pending)
        {
            var entry = await new ScriptRun(watch, turn, script, database.PollInterval, time, logger).ApplyAsync().ConfigureAwait(false);
            watch.State.See(view = view.After(entry.ToStatus()));
            applied();
        }
    }

    /// <summary>A connection that is lost in the middle leaves open what was committed: the history tells, and the work goes on. One that is lost again and again at the same place is given up.</summary>
    /// <returns>How many connections it took.</returns>
    private async Task<int> ConnectingAgainAsync(Watch watch, Func<Task> catchUp)
    {
        var (losses, appliedThen) = (0, 0);
        for (var connections = 1; ; connections++)
        {
            try
            {
                await catchUp().ConfigureAwait(false);
                return connections;
            }
            catch (ConnectionLostException lost)
            {
                var status = watch.State.Read();
                losses = status.AppliedCount > appliedThen ? 1 : losses + 1;
                appliedThen = status.AppliedCount;
                if (losses > MostLosses)
                    throw new MigrationException(RunErrors.ConnectionLost(database.Target, lost.Message, losses, status), lost);
                Log.ConnectionLost(logger, watch.State.Name, lost.Message.TrimEnd('.'));
            }
        }
    }

    /// <summary>Reads back through a new session what others will see.</summary>
    private async Task VerifyAsync(Watch watch, IReadOnlyList<MigrationScript> scripts, MigrationVersion? target)
    {
        watch.State.Enter(MigrationPhase.Verifying);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        var plan = await PlanAsync(watch, session, scripts, target).ConfigureAwait(false);
        if (plan.ThrowIfRefused().Pending is [var missing, ..])
        {
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.HistoryMismatch,
                Message = $"{missing.File}: was committed, but the history read back does not have it",
                Version = missing.Version.ToString(),
                File = missing.File,
                Applied = [.. plan.View.Applied.Select(applied => applied.Version)],
                Hint = "Somebody changes the history or replaces the database while migrations run; find out who.",
            });
        }
    }

    private async Task<MigrationPlan> PlanAsync(Watch watch, IDatabaseSession session, IReadOnlyList<MigrationScript> scripts, MigrationVersion? target)
    {
        var plan = MigrationPlanner.Plan(folder, scripts, await ReadHistoryAsync(watch, session).ConfigureAwait(false), target);
        watch.State.See(plan.View);
        return plan;
    }

    private Task<IReadOnlyCollection<HistoryEntry>> ReadHistoryAsync(Watch watch, IDatabaseSession session) =>
        ReadAsync(watch, () => session.TryReadHistoryAsync(watch.Token));

    private async Task RefuseHistoryElsewhereAsync(Watch watch, IDatabaseSession session, IReadOnlyList<MigrationScript> scripts)
    {
        if (await ReadAsync(watch, () => session.TryFindHistoryElsewhereAsync(scripts, watch.Token)).ConfigureAwait(false) is [var (where, remedy), ..])
            throw new MigrationException(new MigrationError { Code = MigrationErrorCode.HistoryMismatch, Message = $"{where}: nothing is applied", Hint = remedy });
    }

    private async Task<T> ReadAsync<T>(Watch watch, Func<ValueTask<T?>> tryRead) where T : class
    {
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        return await wait.UntilAsync("a read lock on the database", tryRead).ConfigureAwait(false);
    }
}
