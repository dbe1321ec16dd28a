using MigrationHost.Databases;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines.Alembic;

/// <summary>Runs <c>alembic upgrade</c> under the guard, and finds out what it really did.</summary>
internal sealed class AlembicUpgrade(
    Watch watch,
    IMigrationDatabase database,
    AlembicDatabase reader,
    AlembicSetup setup,
    AlembicPlace place,
    ToolCommand tool,
    ITurn turn,
    bool sqlite,
    TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs it until the database is at the target. A lock that the driver would not wait for is waited for here: within
    /// <c>Timeouts:Lock</c> it is run again, where the last run has changed nothing.</summary>
    /// <returns>How many revisions were applied.</returns>
    /// <exception cref="MigrationException">It failed, or the database says that it did.</exception>
    public async Task<int> RunAsync(AlembicPlan plan)
    {
        var applied = plan.View.Applied.Count;
        var waits = new AlembicLockWaits();
        ToolStall? inTheWay = null;
        while (true)
        {
            var itself = AlembicSelfBlock.Find(setup.Project, place, plan.Pending);
            var before = await reader.NamesAsync(watch).ConfigureAwait(false);
            var progress = new AlembicProgress(watch, plan, setup.CommitsEach(sqlite), time);
            var exit = await RunOnceAsync(plan, progress, itself, before, waits.For(plan.Pending[0].Id)).ConfigureAwait(false);
            if (exit.Succeeded)
            {
                await ProveAsync(plan, progress, exit, before).ConfigureAwait(false);
                return watch.State.Read().AppliedCount - applied;
            }

            var failure = AlembicFailure.Read(exit.LastLines, place);
            var failed = AlembicErrors.Failed(exit, failure, progress.Current, watch.State.Read());
            var error = await HalfAppliedAsync(failed, plan, progress, before, failure).ConfigureAwait(false);
            if (!failure.IsLocked || error != failed)
                throw new MigrationException(error);
            var blocked = progress.Current ?? plan.Pending[0].Id;
            waits.Add(blocked, progress.AtCurrent);
            inTheWay = exit.Blocked ?? inTheWay;
            // What blocks itself does so every time.
            if (waits.For(blocked) >= watch.Timeouts.Lock || inTheWay?.Remedy == itself.Remedy)
            {
                var who = inTheWay ?? await LookAsync().ConfigureAwait(false);
                var locked = AlembicErrors.Locked(failure, progress.Current, who, waits.For(blocked), watch.State.Read());
                throw new MigrationException(itself.In(locked));
            }
            Log.ToolRunsAgain(logger, watch.State.Name, "alembic", failure.Error);
            await Task.Delay(Pause, time, watch.Token).ConfigureAwait(false);
            waits.Add(blocked, Pause);
            plan = AlembicPlan.Make(setup.Project, await reader.CurrentAsync(watch, setup).ConfigureAwait(false));
            if (plan.Pending.Count == 0)
                return 0;
        }
    }

    private async Task<ToolExit> RunOnceAsync(AlembicPlan plan, AlembicProgress progress, AlembicSelfBlock itself,
        IReadOnlyList<string> before, TimeSpan spent)
    {
        var silent = setup.Project.SilentBecause(place.Config);
        ToolRun? run = null;
        run = new ToolRun(watch, database, tool with { Arguments = ["-c", place.ConfigPath, "upgrade", setup.Target] }, time, logger)
        {
            Turn = turn,
            LockSpent = spent,
            Version = plan.Pending[0].Id,
            Description = plan.Pending[0].Message,
            OnLine = line => progress.Hear(line, run!),
            Advice = new ToolAdvice
            {
                BlocksItself = itself.Remedy,
                Silent = silent is null ? null
                    : $"it reports nothing because its log is off: {silent}; set it to INFO to see the revision it is at",
                Deadline = "If it needs longer, raise Timeouts:Migration; it counts anew for each revision.",
            },
        };
        try
        {
            var exit = await run.RunAsync().ConfigureAwait(false);
            if (exit.Succeeded && progress.Current is null)
            {
                Log.Warning(logger, watch.State.Name, $"alembic reported no progress{(silent is null ? "" : $": {silent}")}; "
                    + "set the logger alembic to INFO, and call fileConfig in env.py");
            }
            return exit;
        }
        catch (MigrationException ended) when (ended.Error.Code is MigrationErrorCode.Blocked or MigrationErrorCode.DeadlineExceeded)
        {
            throw new MigrationException(await HalfAppliedAsync(itself.In(ended.Error), plan, progress, before, null)
                .ConfigureAwait(false), ended);
        }
        catch (OperationCanceledException)
        {
            var stopped = new MigrationError { Code = MigrationErrorCode.Interrupted, Message = "alembic was told to stop" };
            if (await HalfAppliedAsync(stopped, plan, progress, before, null).ConfigureAwait(false) is var told && told != stopped)
                Log.Warning(logger, watch.State.Name, $"{told.Message}. {told.Hint}");
            throw;
        }
    }

    /// <summary>Never believed without a look: the database has to be at the target.</summary>
    private async Task ProveAsync(AlembicPlan plan, AlembicProgress progress, ToolExit exit, IReadOnlyList<string> before)
    {
        watch.State.Enter(MigrationPhase.Verifying);
        var now = AlembicPlan.Make(setup.Project, await reader.CurrentAsync(watch, setup).ConfigureAwait(false));
        watch.State.See(progress.Proven(now));
        if (now.Pending.Count > 0)
            throw new MigrationException(await HalfAppliedAsync(AlembicErrors.NotProven(now, exit, setup.Project, watch.State.Read()),
                plan, progress, before, null).ConfigureAwait(false));
    }

    /// <summary>Adds what is in the schema although the revision did not move; returns the error as it is where nothing is, or where
    /// that cannot be seen.</summary>
    private async Task<MigrationError> HalfAppliedAsync(MigrationError error, AlembicPlan plan, AlembicProgress progress,
        IReadOnlyList<string> before, AlembicFailure? failure)
    {
        if (await reader.LookAsync(setup).ConfigureAwait(false) is not var (current, after))
            return error;
        var now = AlembicPlan.Make(setup.Project, current);
        watch.State.See(progress.Proven(now));
        var broken = now.Pending.FirstOrDefault(revision => revision.Id == progress.Current) ?? (now.Pending is [var next, ..] ? next : null);
        if (broken is null)
            return error;
        var others = now.View.Applied.Select(applied => setup.Project.Find(applied.Version)?.File).OfType<string>().Select(place.Text);
        var leftovers = AlembicLeftovers.Find(place.Text(broken.File), others, before,
            [.. after.Where(name => !IsOf(name, setup.VersionTable))], failure is { MeetsLeftovers: true });
        return leftovers.Count == 0 ? error : AlembicErrors.HalfApplied(error, broken, current, leftovers, place);
    }

    // Seen only now, while nothing waits any more: better than nothing.
    private async Task<ToolStall> LookAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        var report = (await database.DiagnoseAsync(limit.Token).ConfigureAwait(false)).Report;
        return report.Holders is [var first, ..] ? new(BlockerText.Describe(report.Holders), first.Hint)
            : new(report.Note ?? "no lock holder is visible now", null);
    }

    private static bool IsOf(string name, string table) =>
        name == $"table {table}" || name.StartsWith($"column {table}.", StringComparison.Ordinal) || name == $"index {table}_pkc";
}
