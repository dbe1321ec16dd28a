using System.Collections.Concurrent;
using MigrationHost.Databases;
using MigrationHost.Running;
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

    private readonly ConcurrentDictionary<string, Budget> _locks = new(StringComparer.Ordinal);
    private readonly SharedLook<LockDiagnosis> _looks = new(
        watch.State.Name, database.DiagnoseAsync, why => LockDiagnosis.Nothing(watch.State.Name, time.GetUtcNow(), why), time, logger);

    /// <summary>Runs it until the database is at the target. A lock that the driver would not wait for is waited for here: within
    /// <c>Timeouts:Lock</c> it is run again, where the last run has changed nothing.</summary>
    /// <returns>How many revisions were applied.</returns>
    /// <exception cref="MigrationException">It failed, or the database says that it did.</exception>
    public async Task<int> RunAsync(AlembicPlan plan)
    {
        var applied = plan.View.Applied.Count;
        ToolStall? inTheWay = null;
        while (true)
        {
            var itself = watch.Read("the pending revisions", () => AlembicSelfBlock.Find(setup.Project, place, plan.Pending));
            var before = await reader.NamesAsync(watch).ConfigureAwait(false);
            var spent = _locks.ToDictionary(lockOf => lockOf.Key, lockOf => watch.Spent(lockOf.Value), StringComparer.Ordinal);
            var progress = new AlembicProgress(watch, plan, setup.CommitsEach(sqlite), time);
            var exit = await RunOnceAsync(plan, progress, itself, before).ConfigureAwait(false);
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
            inTheWay = exit.Blocked ?? inTheWay;
            var blocked = progress.Current ?? plan.Pending[0].Id;
            CountAsWaited(LockOf(blocked), spent.GetValueOrDefault(blocked), progress.AtCurrent);
            await PauseAsync(failure, progress.Current, LockOf(blocked), inTheWay, itself).ConfigureAwait(false);
            plan = AlembicPlan.Make(setup.Project, await reader.CurrentAsync(watch, setup).ConfigureAwait(false));
            if (plan.Pending.Count == 0)
                return 0;
        }
    }

    private Budget LockOf(string revision) => _locks.GetOrAdd(revision, _ => new Budget(watch.Timeouts.Lock, MigrationErrorCode.Blocked));

    // A driver that gives up its wait by itself has waited all the time, seen or not.
    private void CountAsWaited(Budget locks, TimeSpan spentBefore, TimeSpan waited)
    {
        if (waited - (watch.Spent(locks) - spentBefore) is var unseen && unseen > TimeSpan.Zero)
            watch.Handle(new RunEvent.WaitedUnseen(locks, unseen, InsteadOf: null));
    }

    /// <summary>Waits a moment before the next run, as part of the wait for the lock: if the time for that is up, the run ends here.</summary>
    private async Task PauseAsync(AlembicFailure failure, string? revision, Budget locks, ToolStall? inTheWay, AlembicSelfBlock itself)
    {
        MigrationError Locked(ToolStall who) => itself.In(AlembicErrors.Locked(failure, revision, who, watch.Spent(locks), watch.State.Read()));

        // What blocks itself does so every time.
        if (inTheWay is not null && inTheWay.Remedy == itself.Remedy)
            throw new MigrationException(Locked(inTheWay));
        Log.ToolRunsAgain(logger, watch.State.Name, "alembic", failure.Error);
        using var turned = watch.Turn(new Activity(ActivityKind.Waiting, "the lock that alembic needs", locks)
        {
            Lookout = LookAsync,
            Failure = verdict => Locked(inTheWay ?? new ToolStall(verdict.Finding?.Reason ?? "no lock holder is visible now", verdict.Finding?.Remedy)),
        });
        do
            await Task.Delay(Pause, time, watch.Token).ConfigureAwait(false);
        while (watch.Spent(locks) >= locks.Limit);
    }

    private async Task<ToolExit> RunOnceAsync(AlembicPlan plan, AlembicProgress progress, AlembicSelfBlock itself,
        IReadOnlyList<string> before)
    {
        var silent = setup.Project.SilentBecause(place.Config);
        ToolRun? run = null;
        run = new ToolRun(watch, database, tool with { Arguments = ["-c", place.ConfigPath, "upgrade", setup.Target] }, time, logger)
        {
            Turn = turn,
            Locks = LockOf,
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
        catch (OperationCanceledException ended) when (watch.Verdict is { } verdict)
        {
            var error = itself.In(RunErrors.Of(verdict, watch.State.Read()));
            throw new MigrationException(await HalfAppliedAsync(error, plan, progress, before, null).ConfigureAwait(false), ended);
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
    private async Task<Finding> LookAsync(TimeSpan maxAge, TimeSpan within)
    {
        var (locks, took) = await _looks.TakeAsync(maxAge, within).ConfigureAwait(false);
        return locks.Report.Holders is [var first, ..] holders
            ? new Finding(locks) { Reason = BlockerText.Describe(holders), Remedy = first.Hint, Took = took }
            : new Finding(locks) { Took = took };
    }

    private static bool IsOf(string name, string table) =>
        name == $"table {table}" || name.StartsWith($"column {table}.", StringComparison.Ordinal) || name == $"index {table}_pkc";
}
