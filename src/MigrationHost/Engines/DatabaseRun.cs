using MigrationHost.Databases;
using MigrationHost.Masking;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>One configured database with all that it takes to migrate it.</summary>
internal sealed class DatabaseRun(
    DatabaseState state,
    Timeouts timeouts,
    IMigrationDatabase database,
    IMigrationEngine engine,
    Diagnostician diagnostician,
    Watchdog watchdog,
    bool showStatements,
    TimeProvider time,
    ILogger logger)
{
    public DatabaseState State => state;

    public IMigrationDatabase Database => database;

    public IMigrationEngine Engine => engine;

    public Diagnostician Diagnostician => diagnostician;

    public Timeouts Timeouts => timeouts;

    /// <summary>What <c>doctor</c> says of the settings as such.</summary>
    public IReadOnlyList<DoctorCheck> SettingChecks { get; init; } = [];

    /// <summary>Makes attempts until the database is ready, stopped, or failed for good.</summary>
    /// <param name="retryInterval">How long after a failure that can heal by itself to try again; null for one attempt only.</param>
    /// <param name="target">The highest version to apply; null for all.</param>
    /// <param name="stopping">The process is told to stop.</param>
    /// <returns>Why it is not ready; null where it is.</returns>
    public async Task<MigrationError?> MigrateAsync(TimeSpan? retryInterval, string? target, CancellationToken stopping)
    {
        while (true)
        {
            var (phase, error) = await AttemptAsync(watch => engine.MigrateAsync(watch, target), timeouts, stopping).ConfigureAwait(false);
            if (error is null)
            {
                state.Ready();
                return null;
            }
            var again = phase == MigrationPhase.Failed && error.Transient ? retryInterval : null;
            state.Fail(phase, Shown(error), time.GetUtcNow() + again);
            if (again is not { } interval)
                return error;
            Log.NextAttempt(logger, state.Name, Duration.Say(interval));
            try
            {
                await Task.Delay(interval, time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                state.Fail(MigrationPhase.Stopped, Shown(error), null);
                return error;
            }
        }
    }

    /// <summary>Finds out where the database stands and changes nothing. A lock is waited for one attempt long.</summary>
    /// <returns>Whether something is pending, or why that could not be found out.</returns>
    public async Task<(bool Pending, MigrationError? Error)> InspectAsync(string? target, CancellationToken stopping)
    {
        var pending = false;
        var patience = timeouts with { Lock = timeouts.LockAttempt, DatabaseWait = timeouts.LockAttempt };
        var (phase, error) = await AttemptAsync(async watch => pending = await engine.InspectAsync(watch, target).ConfigureAwait(false), patience, stopping).ConfigureAwait(false);
        if (error is not null)
            state.Fail(phase, Shown(error), null);
        else if (pending)
            state.Enter(MigrationPhase.Stopped);
        else
            state.Ready();
        return (pending, error);
    }

    /// <summary>Settles a migration that broke outside a transaction.</summary>
    /// <returns>Why it could not be settled; null where it was.</returns>
    public async Task<MigrationError?> ResolveAsync(MigrationVersion version, bool applied, CancellationToken stopping)
    {
        var (phase, error) = await AttemptAsync(watch => engine.ResolveAsync(watch, version, applied), timeouts, stopping).ConfigureAwait(false);
        if (error is not null)
            state.Fail(phase, Shown(error), null);
        else
            state.Enter(MigrationPhase.Stopped);
        return error;
    }

    private async Task<(MigrationPhase, MigrationError?)> AttemptAsync(Func<Watch, Task> work, Timeouts limits, CancellationToken stopping)
    {
        using var watch = new Watch(state, limits, diagnostician, time, logger, stopping);
        state.BeginAttempt(watch);
        using var guarded = watchdog.Guard(watch);
        try
        {
            var run = Task.Run(() => work(watch), CancellationToken.None);
            if (await Task.WhenAny(run, watch.Abandoned).ConfigureAwait(false) != run)
            {
                var abandoned = RunErrors.Abandoned(watch.Verdict ?? RunErrors.Interrupted(state.Read()), limits.Grace);
                Log.Abandoned(logger, state.Name, abandoned.Message);
                return (MigrationPhase.Abandoned, abandoned);
            }
            await run.ConfigureAwait(false);
            return (MigrationPhase.Ready, null);
        }
        catch (OperationCanceledException) when (watch.Verdict is null && stopping.IsCancellationRequested)
        {
            Log.Interrupted(logger, state.Name);
            return (MigrationPhase.Stopped, RunErrors.Interrupted(state.Read()));
        }
        catch (OperationCanceledException) when (watch.Verdict is not null)
        {
            return Failed(watch.Verdict);
        }
        catch (MigrationException e)
        {
            return Failed(e.Error);
        }
        catch (ConnectionLostException e)
        {
            return Failed(RunErrors.ConnectionLost(database.Target, e.Message, 1, state.Read()));
        }
        catch (Exception e)
        {
            // The edge: whatever was not foreseen becomes a state and an exit code here, with its stack trace in the log.
            Log.Unexpected(logger, state.Name, e);
            return Failed(RunErrors.Unexpected(e, state.Read()));
        }
    }

    // What a tool wrote last is in the log; what is kept is what HTTP answers with.
    private MigrationError Shown(MigrationError error) => showStatements ? error : error with { Output = null };

    private (MigrationPhase, MigrationError) Failed(MigrationError error)
    {
        error = state.Secrets.In(
            error with { Applied = RunErrors.Applied(state.Read()), Statement = showStatements ? error.Statement : null });
        if (error.Output is { Count: > 0 } output)
            Log.ToolOutput(logger, state.Name, string.Join(Environment.NewLine, output));
        Log.Failed(logger, state.Name, error.Code, error.Message.TrimEnd('.'), error.Statement is null ? "" : $" [{error.Statement}]", error.Hint is null ? "" : $". Remedy: {error.Hint}");
        return (MigrationPhase.Failed, error);
    }
}
