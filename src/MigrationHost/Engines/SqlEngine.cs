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

    private readonly DatabaseAccess _access = new(database);

    /// <summary>What belongs to a start besides its migrations.</summary>
    public IAfterMigrations? After { get; init; }

    /// <summary>What applies all that is pending in its own way; null if scripts are run one by one.</summary>
    public IForeignMigrator? Foreign { get; init; }

    /// <summary>Finds what a killed tool has left of a pending migration: why that cannot be applied; null if nothing is
    /// left.</summary>
    public Func<IReadOnlyList<ExistingTable>, IReadOnlyList<Migration>, MigrationError?>? Leftovers { get; init; }

    private FirstStart FirstStart => new(database, _access, rules);

    public async Task MigrateAsync(Watch watch, string? upTo)
    {
        var target = Target(upTo);
        var began = time.GetTimestamp();
        var set = ReadScripts(watch, target);
        foreach (var note in database.Notes)
            Log.Note(logger, watch.State.Name, note);
        var applied = 0;
        var connections = await ConnectingAgainAsync(
            watch, async () => set = await CatchUpAsync(watch, set, target, () => applied++).ConfigureAwait(false)).ConfigureAwait(false);
        if (applied > 0 || connections > 1)
            await ConnectingAgainAsync(watch, () => VerifyAsync(watch, set, target)).ConfigureAwait(false);
        Log.Ready(logger, watch.State.Name, PlaceText.Ready(watch.State.Read().Current), Duration.Say(time.GetElapsedTime(began)), applied);
    }

    public async Task<bool> InspectAsync(Watch watch, string? upTo)
    {
        var target = Target(upTo);
        var set = ReadScripts(watch, target);
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Inspect).ConfigureAwait(false);
        set = await DecideAsync(watch, session, set, target).ConfigureAwait(false);
        var plan = await PlanAsync(watch, session, set, target).ConfigureAwait(false);
        Warn(watch, plan);
        if (plan.ThrowIfRefused().Pending.Count == 0)
            return false;
        if (plan.Begins)
            await FirstStart.RefuseAsync(watch, session, set.Migrations).ConfigureAwait(false);
        ReviewsOf(watch, session, plan);
        return true;
    }

    public async Task BaselineAsync(Watch watch, string upTo, bool dryRun)
    {
        var set = ReadScripts(watch, null);
        watch.State.Enter(MigrationPhase.Connecting);
        var purpose = dryRun ? SessionPurpose.Inspect : SessionPurpose.Migrate;
        await using var session = await _access.OpenAsync(watch, purpose).ConfigureAwait(false);
        set = await DecideAsync(watch, session, set, null).ConfigureAwait(false);
        var version = IdOf(upTo, "VERSION");
        var baseline = new Baseline(database, _access, FirstStart, set, version, time, logger);
        await baseline.RunAsync(watch, session, dryRun).ConfigureAwait(false);
    }

    public async Task ResolveAsync(Watch watch, string broken, bool applied)
    {
        var set = ReadSource(watch);
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        set = await DecideAsync(watch, session, set, null).ConfigureAwait(false);
        var version = IdOf(broken, "VERSION");
        Settle(await ReadHistoryAsync(watch, session).ConfigureAwait(false), version);
        await using var turn = await _access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        var history = await ReadHistoryAsync(watch, session).ConfigureAwait(false);
        var entry = Settle(history, version);

        var checksum = set.Migrations.FirstOrDefault(script => script.Version == version)?.Checksum ?? entry.Checksum ?? "";
        entry = entry with
        {
            Mark = null,
            Checksum = checksum,
            AppliedAt = time.GetUtcNow(),
            AppliedBy = Instance.Name,
            DurationMs = entry.DurationMs ?? 0,
        };
        await _access.WriteAsync(watch, turn, version, async transaction =>
        {
            if (applied)
            {
                await transaction.RecordAsync(entry with { State = HistoryState.Applied }, watch.Token).ConfigureAwait(false);
                return;
            }
            await transaction.ForgetAsync(version, watch.Token).ConfigureAwait(false);
            if (entry.AndAllBefore && Before(set, version) is { } before)
            {
                var last = entry with { Version = before, State = HistoryState.Applied };
                await transaction.RecordAsync(last, watch.Token).ConfigureAwait(false);
            }
            else if (history.Count == 1)
            {
                // Without any row the next start would take what the attempt has left for what somebody else has put there.
                var nothingDone = entry with { StatementsDone = null, StatementBegun = null, DoneChecksum = null, AndAllBefore = false };
                await transaction.RecordAsync(nothingDone, watch.Token).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    public async Task<Consequence?> AftermathAsync(AttemptState state, string version, CancellationToken cancellationToken)
    {
        var unknown = new Consequence(version, ConsequenceKind.Unknown);
        if ((await database.TryOpenAsync(SessionPurpose.Migrate, cancellationToken).ConfigureAwait(false)).Session is not { } session)
            return unknown;
        await using (session)
        {
            if (await session.TryReadHistoryAsync(cancellationToken).ConfigureAwait(false) is not { } history)
                return unknown;
            var entry = history.FirstOrDefault(entry => entry.Version == version);
            if (entry is not null
                && source.Read(new FilesInHand(time)).Migrations.FirstOrDefault(one => one.Version == version)?.IsDueAgain(entry) is true)
                return unknown with { Kind = ConsequenceKind.RolledBack };
            if (entry is { State: HistoryState.Applied } && state.Read().Applied.All(applied => applied.Version != version))
                state.Committed(entry.ToStatus());
            return entry switch
            {
                null => unknown with { Kind = ConsequenceKind.RolledBack },
                { State: HistoryState.Applied } => unknown with { Kind = ConsequenceKind.Committed },
                _ => unknown with { Kind = ConsequenceKind.Begun, StatementsDone = entry.StatementsDone ?? 0 },
            };
        }
    }

    public IEnumerable<DoctorCheck> Check()
    {
        var files = new FilesInHand(time);
        var choice = source as LayoutChoice;
        var set = choice?.ReadAtFirst(files) ?? source.Read(files);
        if (choice is not null)
            yield return DoctorCheck.Ok("layout", choice.Words);
        foreach (var warning in set.Warnings)
            yield return DoctorCheck.Problem("migrations", warning.Message, warning.Remedy);
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

    public string? TargetProblem(string target) => VersionProblem(target);

    public string? VersionProblem(string version) => source.ReadId(version, out var problem) is null ? problem : null;

    private string? Target(string? target) => target is null ? null : IdOf(target, "--target");

    private string IdOf(string text, string setting) => source.ReadId(text, out var problem)
        ?? throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"{setting}: {problem}",
        });

    // What another tool runs is for it to read.
    private ScriptReviews ReviewsOf(Watch watch, IDatabaseSession session, MigrationPlan plan) =>
        ScriptReviews.Of(watch, session, Foreign is null ? plan.Pending : []);

    private static string? Before(MigrationSet set, string version) =>
        set.Migrations.LastOrDefault(migration => set.Order.Compare(migration.Version, version) < 0)?.Version;

    // Only what was begun and never finished can be settled.
    private static HistoryEntry Settle(IReadOnlyCollection<HistoryEntry> history, string version) =>
        history.FirstOrDefault(entry => entry.Version == version) switch
        {
            { State: HistoryState.Started } entry => entry,
            { } entry => throw NothingToSettle($"version {version} was applied{entry.When}"),
            null => throw NothingToSettle($"version {version} was never begun"),
        };

    private static MigrationException NothingToSettle(string why) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"there is nothing to resolve: {why}",
        Hint = "'migrationhost status' shows what is applied and pending.",
    });

    private MigrationSet ReadSource(Watch watch) => watch.Read(source, time);

    private MigrationSet ReadScripts(Watch watch, string? target)
    {
        var set = ReadSource(watch);
        ScriptProblem.ThrowIfAny(set.Problems, []);
        watch.State.SeeFiles(set.Latest);
        if (set.Migrations.Count == 0 && !rules.AllowEmpty)
            ScriptProblem.ThrowIfAny([.. set.Findings.Count > 0 ? ScriptFinding.ToProblems(set.Findings) : [set.Empty]], []);
        if (target is not null && set.Migrations.All(script => script.Version != target))
        {
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.InvalidConfiguration,
                Message = $"target {target}: {source.Place} has no such version{set.Nearest(target)}",
            });
        }
        return set;
    }

    /// <summary>
    /// Applies what is pending. Looks before it takes any lock, and again once it has the turn: somebody may have been faster.
    /// </summary>
    /// <returns>What the source holds, read as what the database shows it to be.</returns>
    private async Task<MigrationSet> CatchUpAsync(Watch watch, MigrationSet set, string? target, Action applied)
    {
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        set = await DecideAsync(watch, session, set, target).ConfigureAwait(false);
        var plan = await PlanAsync(watch, session, set, target).ConfigureAwait(false);
        var (count, place) = (PlaceText.Count(set.Migrations.Count), PlaceText.At(plan.View.Current));
        Log.Planned(logger, watch.State.Name, count, source.Place, database.Target, place, plan.Pending.Count);
        Warn(watch, plan);
        var atEveryStart = (After is { AtEveryStart: true } || Foreign is { AtEveryStart: true })
            && (target is null || target == set.Latest);
        if (plan.ThrowIfRefused().Pending.Count == 0 && !atEveryStart)
            return set;
        if (plan is { Begins: true, Pending.Count: > 0 })
            await FirstStart.RefuseAsync(watch, session, set.Migrations).ConfigureAwait(false);
        var reviews = ReviewsOf(watch, session, plan);

        watch.State.Enter(MigrationPhase.WaitingForTurn);
        async Task<MigrationPlan> AgainAsync() => (await PlanAsync(watch, session, set, target).ConfigureAwait(false)).ThrowIfRefused();
        async Task<bool> IsNeededAsync() => (await AgainAsync().ConfigureAwait(false)).Pending.Count > 0 || atEveryStart;
        await using var turn = await _access.TakeTurnAsync(watch, session, IsNeededAsync).ConfigureAwait(false);
        var seen = plan.Pending;
        if (turn is not null)
        {
            plan = await AgainAsync().ConfigureAwait(false);
            await ApplyAsync(watch, session, turn, plan, target, reviews, applied).ConfigureAwait(false);
        }
        if (After is not null && seen.Count > 0)
            await After.SeeAppliedAsync(watch, seen).ConfigureAwait(false);
        if (After is not null && turn is not null && (atEveryStart || plan.Pending.Count > 0))
            await After.RunAsync(watch, plan.Pending).ConfigureAwait(false);
        return set;
    }

    private async Task ApplyAsync(
        Watch watch, IDatabaseSession session, ITurn turn, MigrationPlan plan, string? target, ScriptReviews reviews, Action applied)
    {
        if (Leftovers is not null && plan.Pending.Count > 0
            && Leftovers(await FirstStart.ReadTablesAsync(watch, session).ConfigureAwait(false), plan.Pending) is { } left)
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
        foreach (var script in plan.Pending)
        {
            foreach (var note in reviews.NotesOn(script))
                Log.Note(logger, watch.State.Name, note);
            var run = new ScriptRun(watch, database, turn, script, source.Order, time, logger);
            var entry = await run.ApplyAsync().ConfigureAwait(false);
            watch.State.See(view = view.After(entry.ToStatus(), script.Repeats));
            applied();
        }
    }

    /// <summary>
    /// A connection that is lost in the middle leaves open what was committed: the history tells, and the work goes on. One that is lost
    /// again and again at the same place is given up.
    /// </summary>
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
        await using var session = await _access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        var plan = await PlanAsync(watch, session, set, target).ConfigureAwait(false);
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

    /// <summary>What a folder is may show only with what the database holds.</summary>
    /// <returns>What the source holds, read as what it is.</returns>
    private async Task<MigrationSet> DecideAsync(Watch watch, IDatabaseSession session, MigrationSet set, string? target)
    {
        if (source is not LayoutChoice { IsOpen: true } choice)
            return set;
        database.Use(OwnHistory.Form);
        var ours = await _access.ReadHistoryAsync(watch, session).ConfigureAwait(false);
        var anew = choice.Decide(ours, await FirstStart.ReadTablesAsync(watch, session).ConfigureAwait(false));
        database.Use(choice.Form);
        if (choice.Reason is { } reason)
            Log.Note(logger, watch.State.Name, reason);
        return anew ? ReadScripts(watch, target) : set;
    }

    private async Task<MigrationPlan> PlanAsync(Watch watch, IDatabaseSession session, MigrationSet set, string? target)
    {
        var plan = MigrationPlanner.Plan(set, await ReadHistoryAsync(watch, session).ConfigureAwait(false), target);
        watch.State.See(plan.View);
        return plan;
    }

    /// <summary>The history with its ids in the one form that the source gives them.</summary>
    private async Task<IReadOnlyCollection<HistoryEntry>> ReadHistoryAsync(Watch watch, IDatabaseSession session)
    {
        var history = new Dictionary<string, HistoryEntry>();
        foreach (var entry in await _access.ReadHistoryAsync(watch, session).ConfigureAwait(false))
        {
            var id = source.ReadId(entry.Version, out var problem)
                ?? throw HistoryTable.Damaged(database.Form.Table, $"it has a version '{entry.Version}', but {problem}");
            if (!history.TryAdd(id, entry with { Version = id }))
                throw HistoryTable.Damaged(database.Form.Table, $"it has version {id} twice");
        }
        return history.Values;
    }

    private void Warn(Watch watch, MigrationPlan plan)
    {
        watch.State.Warn(plan.Warnings);
        foreach (var warning in plan.Warnings)
            Log.Warning(logger, watch.State.Name, warning.Message);
    }
}
