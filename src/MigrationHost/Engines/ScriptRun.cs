using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Applies one script: in as many attempts as other people's locks make necessary, within the limits of its watch.</summary>
internal sealed class ScriptRun(Watch watch, ITurn turn, MigrationScript script, TimeSpan pollInterval, TimeProvider time, ILogger logger)
{
    private readonly ScriptText _text = script.ReadText();
    private readonly TimeSpan _limit = script.Header.Timeout ?? watch.Timeouts.Migration;

    /// <summary>Applies it, unless another instance was faster.</summary>
    /// <returns>Its row in the history.</returns>
    public async Task<HistoryEntry> ApplyAsync()
    {
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, pollInterval);
        watch.Begins(script, wait);
        try
        {
            var entry = script.Header.WithoutTransaction
                ? await ApplyStatementwiseAsync(wait).ConfigureAwait(false)
                : await ApplyInTransactionAsync(wait).ConfigureAwait(false);
            if (entry.AppliedBy == Instance.Name)
                Log.Applied(logger, watch.State.Name, entry.Version.ToString(), entry.Description, Count(watch.Running?.Statement ?? 0), Duration.Say(entry.DurationMs));
            else
                Log.AppliedByOther(logger, watch.State.Name, entry.Version.ToString(), entry.AppliedBy);
            return entry;
        }
        catch (MigrationException e) when (e.Error.Code == MigrationErrorCode.MigrationFailed && !script.Header.WithoutTransaction)
        {
            throw new MigrationException(e.Error with { Hint = $"Migration {script.Version} was rolled back as a whole. {e.Error.Hint ?? "Correct the script and start again."}" }, e);
        }
        finally
        {
            watch.Ended();
        }
    }

    /// <summary>Statements and history row commit together, or nothing does.</summary>
    private async Task<HistoryEntry> ApplyInTransactionAsync(Wait wait)
    {
        while (true)
        {
            await using var transaction = await BeginAsync(wait).ConfigureAwait(false);
            if (transaction.Known is { State: HistoryState.Applied } known)
                return known;

            watch.Works(_limit);
            var began = time.GetTimestamp();
            var result = await transaction.ExecuteAsync(script, _text, watch.Token).ConfigureAwait(false);
            if (result == ScriptResult.Done)
            {
                var entry = Entry(HistoryState.Applied, time.GetElapsedTime(began));
                await transaction.RecordAsync(entry, watch.Token).ConfigureAwait(false);
                if (await CommitAsync(wait, transaction).ConfigureAwait(false))
                    return entry;
            }
            watch.Rests();
            await transaction.DisposeAsync().ConfigureAwait(false);
            if (result != ScriptResult.StartOver)
                await wait.PauseAsync(turn).ConfigureAwait(false);
        }
    }

    /// <summary>Each statement commits with the record that it is done; a break is followed by the next one.</summary>
    private async Task<HistoryEntry> ApplyStatementwiseAsync(Wait wait)
    {
        var known = await RecordAsync(wait, HistoryState.Started, TimeSpan.Zero).ConfigureAwait(false);
        if (known is { State: HistoryState.Applied })
            return known;
        if (known is { StatementsDone: > 0 and var done })
            Log.Resuming(logger, watch.State.Name, script.Version.ToString(), done);

        var began = time.GetTimestamp();
        watch.Works(_limit);
        while (await RunStatementwiseAsync().ConfigureAwait(false) is var result and not ScriptResult.Done)
        {
            watch.Rests();
            if (result != ScriptResult.StartOver)
                await wait.PauseAsync(turn).ConfigureAwait(false);
            watch.Works(_limit);
        }
        watch.Rests();
        var duration = time.GetElapsedTime(began);
        await RecordAsync(wait, HistoryState.Applied, duration).ConfigureAwait(false);
        return Entry(HistoryState.Applied, duration);
    }

    /// <summary>Writes the row, unless it would put a begun script back to its start.</summary>
    /// <returns>The row that was there before.</returns>
    private async Task<HistoryEntry?> RecordAsync(Wait wait, HistoryState state, TimeSpan duration)
    {
        while (true)
        {
            await using var transaction = await BeginAsync(wait).ConfigureAwait(false);
            var known = transaction.Known;
            if (known is not null && state == HistoryState.Started)
                return known;
            await transaction.RecordAsync(Entry(state, duration), watch.Token).ConfigureAwait(false);
            if (await CommitAsync(wait, transaction).ConfigureAwait(false))
                return known;
            await transaction.DisposeAsync().ConfigureAwait(false);
            await wait.PauseAsync(turn).ConfigureAwait(false);
        }
    }

    private Task<IMigrationTransaction> BeginAsync(Wait wait) =>
        wait.UntilAsync("the write lock", () => turn.TryBeginAsync(script.Version, script.Header, watch.Token));

    private ValueTask<ScriptResult> RunStatementwiseAsync() => turn.RunWithoutTransactionAsync(script, _text, watch.Token);

    private Task<bool> CommitAsync(Wait wait, IMigrationTransaction transaction) =>
        wait.OnceAsync("the commit", () => transaction.TryCommitAsync(watch.Token));

    private static string Count(int statements) => statements == 1 ? "1 statement" : $"{statements} statements";

    private HistoryEntry Entry(HistoryState state, TimeSpan duration) => new()
    {
        Version = script.Version,
        Description = script.Description,
        Checksum = script.Checksum,
        AppliedAt = time.GetUtcNow(),
        DurationMs = (long)duration.TotalMilliseconds,
        AppliedBy = Instance.Name,
        State = state,
    };
}
