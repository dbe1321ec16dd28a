using MigrationHost.Databases;
using MigrationHost.Layouts;
using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>MigrationHost's own engine: any source of SQL, any form of history, any database.</summary>
internal sealed class SqlEngine(
    IMigrationDatabase database,
    IMigrationSource source,
    SqlRules rules,
    TimeProvider time,
    ILogger logger) : IMigrationEngine
{
    private const int MostLosses = 5;

    private readonly PlanReader _reader = new(database, source, rules, time, logger);

    public IHistoryCommands OnHistory => new HistoryCommands(database, _reader, time, logger) { Foreign = Foreign };

    /// <summary>What is waited for before the source can be read; null if it is there anyway.</summary>
    public Func<Watch, Task>? Before { get; init; }

    /// <summary>What belongs to a start besides its migrations.</summary>
    public IAfterMigrations? After { get; init; }

    /// <summary>What applies all that is pending in its own way; null if scripts are run one by one.</summary>
    public IForeignMigrator? Foreign { get; init; }

    /// <summary>Finds what a killed tool has left of a pending migration: why that cannot be applied; null if nothing is
    /// left.</summary>
    public Func<IReadOnlyList<ExistingTable>, IReadOnlyList<Migration>, MigrationError?>? Leftovers { get; init; }

    public async Task MigrateAsync(Watch watch, string? upTo)
    {
        var began = time.GetTimestamp();
        await (Before?.Invoke(watch) ?? Task.CompletedTask).ConfigureAwait(false);
        var target = _reader.Target(upTo);
        var set = _reader.ReadScripts(watch, target);
        foreach (var note in database.Notes)
            Log.Note(logger, watch.State.Name, note);
        var applied = 0;
        var connections = await ConnectingAgainAsync(
            watch,
            async isFirst => set = await CatchUpAsync(watch, set, target, isFirst, () => applied++).ConfigureAwait(false))
            .ConfigureAwait(false);
        if (applied > 0 || connections > 1)
            await ConnectingAgainAsync(watch, _ => VerifyAsync(watch, set, target)).ConfigureAwait(false);
        Log.Ready(logger, watch.State.Name, PlaceText.Ready(watch.State.Read().Current), Duration.Say(time.GetElapsedTime(began)), applied);
    }

    public async Task<bool> InspectAsync(Watch watch, string? upTo)
    {
        await (Before?.Invoke(watch) ?? Task.CompletedTask).ConfigureAwait(false);
        var target = _reader.Target(upTo);
        var set = _reader.ReadScripts(watch, target);
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _reader.Access.OpenAsync(watch, SessionPurpose.Inspect).ConfigureAwait(false);
        set = await _reader.DecideAsync(watch, session, set, () => _reader.ReadScripts(watch, target)).ConfigureAwait(false);
        var plan = await _reader.PlanAsync(watch, session, set, target).ConfigureAwait(false);
        _reader.Warn(watch, plan);
        if (plan.ThrowIfRefused().Pending.Count == 0)
            return false;
        if (plan.Begins)
            await _reader.FirstStart.RefuseAsync(watch, session, set.Migrations).ConfigureAwait(false);
        ReviewsOf(watch, session, set, plan);
        return true;
    }

    public Task ValidateAsync(Watch watch) => new Validation(_reader, watch).RunAsync();

    public async Task<Consequence?> AftermathAsync(AttemptState state, string version, CancellationToken cancellationToken)
    {
        var unknown = new Consequence(version, ConsequenceKind.Unknown);
        if ((await database.TryOpenAsync(SessionPurpose.Migrate, cancellationToken).ConfigureAwait(false)).Session is not { } session)
            return unknown;
        await using (session)
        {
            if (!await _reader.TryDecideAsync(session, cancellationToken).ConfigureAwait(false))
                return unknown;
            if (await session.TryReadHistoryAsync(cancellationToken).ConfigureAwait(false) is not { } history)
                return unknown;
            var entry = history.FirstOrDefault(entry => entry.Version == version);
            if (entry is { IsUndoing: true })
                return new Consequence(version, ConsequenceKind.Begun) { Undoing = true, StatementsDone = entry.StatementsDone ?? 0 };
            var script = source.Read(new FilesInHand(time)).Migrations.FirstOrDefault(one => one.Version == version);
            if (entry is not null && script?.IsDueAgain(entry) is true)
                return unknown with { Kind = ConsequenceKind.RolledBack };
            if (state.Read().Applied.Any(applied => applied.Version == version))
                return new Consequence(version, entry is null ? ConsequenceKind.Committed : ConsequenceKind.RolledBack) { Undoing = true };
            if (entry is { State: HistoryState.Applied })
                state.Committed(entry.ToStatus());
            return entry switch
            {
                null => unknown with { Kind = IsTransaction(script) ? ConsequenceKind.RolledBack : ConsequenceKind.Unrecorded },
                { State: HistoryState.Applied } => unknown with { Kind = ConsequenceKind.Committed },
                _ => unknown with
                {
                    Kind = ConsequenceKind.Begun,
                    StatementsDone = entry.StatementsDone ?? 0,
                    StatementBegun = entry.StatementBegun,
                },
            };
        }
    }

    public IEnumerable<DoctorCheck> Check()
    {
        try
        {
            return [.. CheckSource()];
        }
        catch (ConnectionLostException e)
        {
            return [DoctorCheck.Problem("migrations", $"{source.Place} cannot be read: {e.Message}", e.Remedy ?? "Start the database.")];
        }
    }

    private IEnumerable<DoctorCheck> CheckSource()
    {
        var files = new FilesInHand(time);
        var choice = source as LayoutChoice;
        var set = choice?.ReadAtFirst(files) ?? source.Read(files);
        foreach (var check in choice?.Check(set) ?? [])
            yield return check;
        foreach (var warning in set.Warnings)
            yield return warning.IsProblem
                ? DoctorCheck.Problem("migrations", warning.Message, warning.Remedy)
                : DoctorCheck.Warning("migrations", warning.Message, warning.Remedy);
        foreach (var problem in set.Problems)
        {
            const string remedy = "Correct the file; nothing is applied while one of them is wrong.";
            yield return DoctorCheck.Problem("migrations", problem.ToString(), remedy) with { File = problem.File, Line = problem.Line };
        }
        if (set.Problems.Count == 0 && set.Migrations.Count > 0)
            yield return DoctorCheck.Ok("migrations", $"{set.Count} in {source.Place}, up to version {set.Latest}");
        else if (set.Problems.Count == 0 && rules.AllowEmpty)
            yield return DoctorCheck.Warning(
                "migrations",
                $"{source.Place} has no {set.Noun}s",
                "Nothing to do if AllowEmpty is intended.");
    }

    public IEnumerable<DoctorCheck> CheckFound() => (source as LayoutChoice)?.Found ?? [];

    public string? TargetProblem(string target) => VersionProblem(target);

    public string? VersionProblem(string version) => source.ReadId(version, out var problem) is null ? problem : null;

    private bool IsTransaction(Migration? script) =>
        script is null || (database.Facts.TransactionalDdl ? !script.Header.WithoutTransaction
            : database.Facts.RunsInTransaction(script, script.ReadText()));

    // What another tool runs is for it to read.
    private ScriptReviews ReviewsOf(Watch watch, IDatabaseSession session, MigrationSet set, MigrationPlan plan) =>
        ScriptReviews.Of(watch, session, Foreign is null ? set.ToRun(plan.Pending) : []);

    /// <summary>
    /// Applies what is pending. Looks before it takes any lock, and again once it has the turn: somebody may have been faster.
    /// </summary>
    /// <returns>What the source holds, read as what the database shows it to be.</returns>
    private async Task<MigrationSet> CatchUpAsync(Watch watch, MigrationSet set, string? target, bool isFirst, Action applied)
    {
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _reader.Access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        set = await _reader.DecideAsync(watch, session, set, () => _reader.ReadScripts(watch, target)).ConfigureAwait(false);
        var plan = await _reader.PlanAsync(watch, session, set, target).ConfigureAwait(false);
        var (count, place) = (PlaceText.Count(set.Migrations.Count), PlaceText.At(plan.View.Current));
        Log.Planned(logger, watch.State.Name, count, source.Place, database.Target, place, plan.Pending.Count);
        _reader.Warn(watch, plan);
        var atEveryStart = (After is { AtEveryStart: true } || Foreign is { AtEveryStart: true })
            && (target is null || target == set.Latest);
        if (plan.ThrowIfRefused().Pending.Count == 0 && !atEveryStart)
            return set;
        if (plan is { Begins: true, Pending.Count: > 0 })
            await _reader.FirstStart.RefuseAsync(watch, session, set.Migrations).ConfigureAwait(false);
        var reviews = ReviewsOf(watch, session, set, plan);

        watch.State.Enter(MigrationPhase.WaitingForTurn);
        async Task<MigrationPlan> AgainAsync() =>
            (await _reader.PlanAsync(watch, session, set, target).ConfigureAwait(false)).ThrowIfRefused();
        async Task<bool> IsNeededAsync() => (await AgainAsync().ConfigureAwait(false)).Pending.Count > 0 || atEveryStart;
        await using var turn = await _reader.Access.TakeTurnAsync(watch, session, IsNeededAsync).ConfigureAwait(false);
        var seen = plan.Pending;
        if (turn is not null)
        {
            plan = await AgainAsync().ConfigureAwait(false);
            await ApplyAsync(watch, session, turn, set, plan, target, reviews, isFirst, applied).ConfigureAwait(false);
        }
        if (After is not null && seen.Count > 0)
            await After.SeeAppliedAsync(watch, seen).ConfigureAwait(false);
        if (After is not null && turn is not null && (atEveryStart || plan.Pending.Count > 0))
            await After.RunAsync(watch, plan.Pending).ConfigureAwait(false);
        return set;
    }

    private async Task ApplyAsync(
        Watch watch,
        IDatabaseSession session,
        ITurn turn,
        MigrationSet set,
        MigrationPlan plan,
        string? target,
        ScriptReviews reviews,
        bool mayGroup,
        Action applied)
    {
        if (Leftovers is not null && plan.Pending.Count > 0
            && Leftovers(await _reader.FirstStart.ReadTablesAsync(watch, session).ConfigureAwait(false), plan.Pending) is { } left)
            throw new MigrationException(left);
        watch.State.Enter(MigrationPhase.Migrating);
        if (Foreign is not null)
        {
            await Foreign.ApplyAsync(watch, plan.Pending, target).ConfigureAwait(false);
            foreach (var _ in plan.Pending)
                applied();
            return;
        }
        var view = plan.View;
        if (plan.Pending.Count > 0)
            await RunAsync(set.BeforeMigrate).ConfigureAwait(false);
        foreach (var note in plan.Pending.SelectMany(reviews.NotesOn))
            Log.Note(logger, watch.State.Name, note);
        foreach (var script in plan.Pending.Where(reviews.IsEmpty))
            TellEmpty(watch.State.Name, script);
        // A connection that was lost among them is not lost among all of them once more.
        var groups = mayGroup && database.Form == OwnHistory.Form ? turn as IGroupsMigrations : null;
        var run = new PendingRun(
            watch,
            groups,
            (script, group) =>
                new ScriptRun(watch, database, turn, script, source.Order, time, logger, reviews.TakeText(script), group),
            time);
        await foreach (var entry in run.ApplyAsync(plan.Pending, plan.Begins).ConfigureAwait(false))
        {
            watch.State.See(view = view.After(entry.ToStatus(), set.IsRepeatable(entry.Version)));
            applied();
        }
        if (plan.Pending.Count > 0)
            await RunAsync(set.AfterMigrate).ConfigureAwait(false);

        Task RunAsync(Migration? callback) => callback is null
            ? Task.CompletedTask
            : new ScriptRun(watch, database, turn, callback, set.Order, time, logger).RunAsync();
    }

    // `new` makes such a file, and `migrate` shows warnings only. What a generator says is meant.
    private void TellEmpty(string database, Migration script)
    {
        var nothing = $"{script.File}: has no statements; it is recorded as applied";
        if (script.Generated is null)
            Log.Warning(logger, database, nothing);
        else
            Log.Note(logger, database, nothing);
    }

    /// <summary>
    /// A connection that is lost in the middle leaves open what was committed: the history tells, and the work goes on. One that is lost
    /// again and again at the same place is given up.
    /// </summary>
    /// <returns>How many connections it took.</returns>
    private async Task<int> ConnectingAgainAsync(Watch watch, Func<bool, Task> catchUp)
    {
        var (losses, appliedThen) = (0, 0);
        for (var connections = 1; ; connections++)
        {
            try
            {
                await catchUp(connections == 1).ConfigureAwait(false);
                return connections;
            }
            catch (ConnectionLostException lost)
            {
                var status = watch.State.Read();
                losses = status.AppliedCount > appliedThen ? 1 : losses + 1;
                appliedThen = status.AppliedCount;
                if (losses > MostLosses)
                    throw new MigrationException(
                        RunErrors.ConnectionLost(database.Target, lost.Message, losses, watch.Under, status),
                        lost);
                Log.ConnectionLost(logger, watch.State.Name, lost.Message.TrimEnd('.'));
            }
        }
    }

    /// <summary>Reads back through a new session what others will see.</summary>
    private async Task VerifyAsync(Watch watch, MigrationSet set, string? target)
    {
        using var span = watch.Trace?.Part("verify");
        watch.State.Enter(MigrationPhase.Verifying);
        await using var session = await _reader.Access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        var plan = await _reader.PlanAsync(watch, session, set, target).ConfigureAwait(false);
        if (plan.ThrowIfRefused().Pending is [var missing, ..])
        {
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.HistoryMismatch,
                Message = $"{missing.File}: was committed, but the history read back does not have it",
                Version = missing.Version,
                File = missing.File,
                Applied = [.. plan.View.Applied.Select(applied => applied.Version)],
                Hint = "Another process changes the history or replaces the database while migrations run; find out which.",
            });
        }
    }
}
