using MigrationHost.Databases;
using MigrationHost.Masking;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>One configured database with all that it takes to migrate it.</summary>
internal sealed class DatabaseRun(
    DatabaseState state,
    Timeouts timeouts,
    IMigrationDatabase database,
    IMigrationEngine engine,
    Diagnostician diagnostician,
    Watchdog watchdog,
    Places places,
    bool showStatements,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>How long a failure may wait for the answer to what has become of the migration.</summary>
    private static readonly TimeSpan LongestAftermath = TimeSpan.FromSeconds(3);

    /// <summary>How long a look may wait for the database to come up: a machine under load needs seconds to connect.</summary>
    private static readonly TimeSpan LongestOpening = TimeSpan.FromSeconds(5);

    /// <summary>How long a look at the locks may take for which nothing waits but a user: better late than without the holder on a
    /// machine that is busy.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(20);

    public DatabaseState State => state;

    public IMigrationDatabase Database => database;

    public IMigrationEngine Engine => engine;

    public Diagnostician Diagnostician => diagnostician;

    public Timeouts Timeouts => timeouts;

    /// <summary>What <c>doctor</c> says of the settings as such.</summary>
    public IReadOnlyList<DoctorCheck> SettingChecks { get; init; } = [];

    /// <summary>Makes attempts until the database is ready, stopped, or failed for good.</summary>
    /// <param name="retryInterval">How long after a failure that can heal by itself to try again; null for one attempt only.</param>
    /// <param name="target">The last migration to apply; null for all.</param>
    /// <param name="stopping">The process is told to stop.</param>
    /// <returns>Why it is not ready; null if it is.</returns>
    public async Task<MigrationError?> MigrateAsync(TimeSpan? retryInterval, string? target, CancellationToken stopping)
    {
        using var trace = RunTrace.Begin(state.Read());
        while (true)
        {
            var (attempt, phase, error) = await AttemptAsync(
                watch => engine.MigrateAsync(watch, target),
                timeouts,
                stopping,
                trace).ConfigureAwait(false);
            if (error is null)
            {
                attempt.Ready();
                trace.Succeeded();
                return null;
            }
            trace.Failed(error);
            var again = phase == MigrationPhase.Failed && error.Transient ? retryInterval : null;
            attempt.Fail(phase, Shown(error), time.GetUtcNow() + again);
            if (again is not { } interval)
                return error;
            Log.NextAttempt(logger, state.Name, Duration.Say(interval));
            try
            {
                await Task.Delay(interval, time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                state.GiveUp();
                return error;
            }
        }
    }

    /// <summary>
    /// Finds out the state of the database and changes nothing. A lock is waited for one attempt long, the database for seconds.
    /// </summary>
    /// <returns>Whether something is pending, or why that could not be found out.</returns>
    public async Task<(bool Pending, MigrationError? Error)> InspectAsync(string? target, CancellationToken stopping)
    {
        var pending = false;
        var (attempt, phase, error) = await AttemptAsync(
            async watch => pending = await engine.InspectAsync(watch, target).ConfigureAwait(false),
            Brief,
            stopping).ConfigureAwait(false);
        if (error is not null)
            attempt.Fail(phase, Shown(error), null);
        else if (pending)
            attempt.Stop();
        else
            attempt.Ready();
        return (pending, error);
    }

    /// <summary>Looks for everything that is wrong with the migrations, and changes nothing.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public async Task<MigrationError?> ValidateAsync(CancellationToken stopping)
    {
        var (attempt, phase, error) = await AttemptAsync(engine.ValidateAsync, Brief, stopping).ConfigureAwait(false);
        if (error is not null)
            attempt.Fail(phase, Shown(error), null);
        else
            attempt.Stop();
        return error;
    }

    /// <summary>Does something with a history that MigrationHost keeps itself.</summary>
    /// <param name="command">The command, for messages.</param>
    /// <param name="work">What to do.</param>
    /// <param name="stopping">The process is told to stop.</param>
    /// <returns>What came of it, or why nothing did.</returns>
    public async Task<(T? Result, MigrationError? Error)> OnHistoryAsync<T>(
        string command, Func<IHistoryCommands, Watch, Task<T>> work, CancellationToken stopping)
    {
        T? result = default;
        var error = await OnHistoryAsync(
            command,
            async (history, watch) => { result = await work(history, watch).ConfigureAwait(false); },
            stopping).ConfigureAwait(false);
        return (result, error);
    }

    /// <inheritdoc cref="OnHistoryAsync{T}"/>
    /// <returns>Why it was not done; null if it was.</returns>
    public Task<MigrationError?> OnHistoryAsync(
        string command, Func<IHistoryCommands, Watch, Task> work, CancellationToken stopping) =>
        DoAsync(watch => work(engine.OnHistory ?? throw Elsewhere(command), watch), stopping);

    /// <summary>The checks of <c>doctor</c> for which something has to be run.</summary>
    public async Task<IReadOnlyList<DoctorCheck>> CheckToolAsync(CancellationToken stopping)
    {
        IReadOnlyList<DoctorCheck> checks = [];
        var error = await DoAsync(
            async watch => checks = await engine.CheckToolAsync(watch).ConfigureAwait(false),
            stopping).ConfigureAwait(false);
        return error is null ? checks : [.. checks, DoctorCheck.Problem("tool", error.Message, error.Hint ?? "See the message.")];
    }

    /// <summary>Looks at who holds and who waits for which lock, for a user.</summary>
    public async Task<LockDiagnosis> LookAtLocksAsync() => database is IKnownBeforeOpening { WhyNoDatabase: { } why }
        ? LockDiagnosis.Nothing(state.Name, time.GetUtcNow(), why)
        : await diagnostician.TakeAsync(TimeSpan.Zero, LongestLook).ConfigureAwait(false);

    // Who only looks waits one attempt long.
    private Timeouts Brief => timeouts with
    {
        Lock = timeouts.LockAttempt,
        DatabaseWait = timeouts.DatabaseWait < LongestOpening ? timeouts.DatabaseWait : LongestOpening,
    };

    private MigrationException Elsewhere(string command)
    {
        var (tool, hint) = engine.Instead(command);
        return new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"{command} is for Engine Sql: {tool} keeps the history of this database, not MigrationHost",
            Hint = hint,
        });
    }

    private async Task<MigrationError?> DoAsync(Func<Watch, Task> work, CancellationToken stopping)
    {
        var (attempt, phase, error) = await AttemptAsync(work, timeouts, stopping).ConfigureAwait(false);
        if (error is not null)
            attempt.Fail(phase, Shown(error), null);
        else
            attempt.Stop();
        return error;
    }

    private async Task<(AttemptState Attempt, MigrationPhase Phase, MigrationError? Error)> AttemptAsync(
        Func<Watch, Task> work, Timeouts limits, CancellationToken stopping, RunTrace? trace = null)
    {
        using var place = await places.TakeAsync(() => Log.WaitsForPlace(logger, state.Name), stopping).ConfigureAwait(false);
        var attempt = state.BeginAttempt();
        using var watch = new Watch(attempt, limits, diagnostician.LookAsync, time, logger, stopping)
        {
            Trace = trace,
            Place = place,
        };
        attempt.Follow(watch);
        using var guarded = watchdog.Guard(watch);
        try
        {
            var run = database.RunAsync(() => work(watch));
            if (await Task.WhenAny(run, watch.Abandoned).ConfigureAwait(false) == run)
                await run.ConfigureAwait(false);
            else
                return (attempt, MigrationPhase.Abandoned, await AbandonedAsync(watch, run).ConfigureAwait(false));
            return (attempt, MigrationPhase.Ready, null);
        }
        catch (OperationCanceledException) when (watch.Verdict is { } verdict)
        {
            return await FailedAsync(watch, RunErrors.Of(verdict, state.Read())).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (watch.Token.IsCancellationRequested)
        {
            var interrupted = await WithConsequenceAsync(watch, RunErrors.Interrupted(watch.Under, state.Read())).ConfigureAwait(false);
            Log.Interrupted(logger, state.Name, interrupted.Message, interrupted.Hint ?? "");
            return (attempt, MigrationPhase.Stopped, interrupted);
        }
        catch (MigrationException e)
        {
            return await FailedAsync(watch, e.Error).ConfigureAwait(false);
        }
        catch (ConnectionLostException e)
        {
            return await FailedAsync(
                watch,
                RunErrors.ConnectionLost(database.Target, e.Message, 1, watch.Under, state.Read())).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The edge: whatever was not foreseen becomes a state and an exit code here, with its stack trace in the log.
            Log.Unexpected(logger, state.Name, e);
            return await FailedAsync(watch, RunErrors.Unexpected(e, state.Read())).ConfigureAwait(false);
        }
    }

    private async Task<(AttemptState, MigrationPhase, MigrationError?)> FailedAsync(Watch watch, MigrationError error)
    {
        error = await WithConsequenceAsync(watch, error).ConfigureAwait(false);
        error = state.Secrets.In(error with
        {
            Applied = RunErrors.Applied(state.Read()),
            Message = showStatements ? error.Verbatim ?? error.Message : error.Message,
            Verbatim = null,
            Statement = showStatements ? error.Statement : null,
        });
        var (statement, remedy) = (
            error.Statement is null ? "" : $" [{error.Statement}]",
            error.Hint is null ? "" : $". Remedy: {error.Hint}");
        Log.Failed(logger, state.Name, error.Code, error.Message.TrimEnd('.'), statement, remedy);
        return (watch.State, MigrationPhase.Failed, error);
    }

    private async Task<MigrationError> AbandonedAsync(Watch watch, Task run)
    {
        var why = watch.Verdict is { } verdict ? RunErrors.Of(verdict, state.Read()) : RunErrors.Interrupted(watch.Under, state.Read());
        var abandoned = await WithConsequenceAsync(watch, RunErrors.Abandoned(why, watch.Timeouts.Grace)).ConfigureAwait(false);
        Log.Abandoned(logger, state.Name, $"{abandoned.Message}. {abandoned.Hint}");

        // How it ends then is of no consequence any more.
        _ = run.ContinueWith(
            _ => Log.LetGo(logger, state.Name),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        return abandoned;
    }

    /// <summary>Adds what has become of the migration under way: read from the history, once the run has let go.</summary>
    private async Task<MigrationError> WithConsequenceAsync(Watch watch, MigrationError error)
    {
        if (watch.Under is not { } version)
            return error;
        var consequence = await ConsequenceAsync(watch, version).ConfigureAwait(false);
        if (consequence is null)
            return error;
        var remedy = error.Hint ?? (error.Code == MigrationErrorCode.MigrationFailed ? "Correct the script and start again." : "");
        return error with { Hint = $"{consequence} {PlainText.Sentence(remedy)}".TrimEnd() };
    }

    private async Task<Consequence?> ConsequenceAsync(Watch watch, string version)
    {
        using var limit = new CancellationTokenSource(LongestAftermath, time);
        var unknown = new Consequence(version, ConsequenceKind.Unknown);
        var look = Task.Run(() => engine.AftermathAsync(watch.State, version, limit.Token), CancellationToken.None);
        try
        {
            await Task.WhenAny(look, Task.Delay(LongestAftermath, time, CancellationToken.None)).ConfigureAwait(false);
            var found = look.IsCompleted ? await look.ConfigureAwait(false) : unknown;

            // One that has not let go may still commit.
            return found is { Kind: not ConsequenceKind.Committed } && watch.Abandoned.IsCompleted ? unknown : found;
        }
        catch (Exception e) when (e is MigrationException or ConnectionLostException or OperationCanceledException)
        {
            return unknown;
        }
    }

    // The log and the command line may show every problem, and what a tool wrote last is in
    // the log; what is kept is what HTTP answers with.
    private MigrationError Shown(MigrationError error)
    {
        error = error with { Problems = [.. error.Problems.Take(ProblemList.MostShown)] };
        return showStatements ? error : error with { Output = null };
    }
}
