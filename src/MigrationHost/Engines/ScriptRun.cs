using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Applies one script: in as many attempts as other people's locks make necessary, within the limits of its watch.</summary>
internal sealed class ScriptRun(Watch watch, ITurn turn, MigrationScript script, TimeSpan pollInterval, TimeProvider time, ILogger logger)
{
    private readonly ScriptText _text = watch.Read(script.File, script.ReadText);
    private readonly Wait _locks = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, pollInterval);

    /// <summary>Applies it, unless another instance was faster.</summary>
    /// <returns>Its row in the history.</returns>
    public async Task<HistoryEntry> ApplyAsync()
    {
        using var closed = _locks;
        watch.Begins(script.Version.ToString(), script.Description, _locks);
        var done = false;
        try
        {
            var entry = script.Header.WithoutTransaction
                ? await ApplyStatementwiseAsync().ConfigureAwait(false)
                : await ApplyInTransactionAsync().ConfigureAwait(false);
            done = true;
            if (entry.AppliedBy == Instance.Name)
            {
                var statements = Count(watch.Running?.Statement ?? 0);
                Log.Applied(logger, watch.State.Name, entry.Version.ToString(), entry.Description, statements, Duration.Say(entry.DurationMs));
            }
            else
                Log.AppliedByOther(logger, watch.State.Name, entry.Version.ToString(), entry.AppliedBy);
            return entry;
        }
        finally
        {
            watch.Ends(done);
        }
    }

    /// <summary>Statements and history row commit together, or nothing does.</summary>
    private async Task<HistoryEntry> ApplyInTransactionAsync()
    {
        while (true)
        {
            await using var transaction = await BeginAsync().ConfigureAwait(false);
            if (transaction.Known is { State: HistoryState.Applied } known)
                return known;

            ScriptResult result;
            using (Work())
            {
                var began = time.GetTimestamp();
                result = await transaction.ExecuteAsync(script, _text, watch.Token).ConfigureAwait(false);
                if (result == ScriptResult.Done)
                {
                    var entry = Entry(HistoryState.Applied, time.GetElapsedTime(began));
                    await transaction.RecordAsync(entry, watch.Token).ConfigureAwait(false);
                    if (await transaction.TryCommitAsync(watch.Token).ConfigureAwait(false))
                        return entry;
                }
            }
            await transaction.DisposeAsync().ConfigureAwait(false);
            if (result != ScriptResult.StartOver)
                await PauseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Each statement commits with the record that it is done; a break is followed by the next one.</summary>
    private async Task<HistoryEntry> ApplyStatementwiseAsync()
    {
        var known = await RecordAsync(HistoryState.Started, TimeSpan.Zero).ConfigureAwait(false);
        if (known is { State: HistoryState.Applied })
            return known;
        if (known is { StatementsDone: > 0 and var done })
            Log.Resuming(logger, watch.State.Name, script.Version.ToString(), done);

        var began = time.GetTimestamp();
        while (await RunStatementwiseAsync().ConfigureAwait(false) is var result and not ScriptResult.Done)
        {
            if (result != ScriptResult.StartOver)
                await PauseAsync().ConfigureAwait(false);
        }
        var duration = time.GetElapsedTime(began);
        await RecordAsync(HistoryState.Applied, duration).ConfigureAwait(false);
        return Entry(HistoryState.Applied, duration);
    }

    /// <summary>Writes the row, unless it would put a begun script back to its start.</summary>
    /// <returns>The row that was there before.</returns>
    private async Task<HistoryEntry?> RecordAsync(HistoryState state, TimeSpan duration)
    {
        while (true)
        {
            await using var transaction = await BeginAsync().ConfigureAwait(false);
            var known = transaction.Known;
            if (known is not null && state == HistoryState.Started)
                return known;
            using (Work())
            {
                await transaction.RecordAsync(Entry(state, duration), watch.Token).ConfigureAwait(false);
                if (await transaction.TryCommitAsync(watch.Token).ConfigureAwait(false))
                    return known;
            }
            await transaction.DisposeAsync().ConfigureAwait(false);
            await PauseAsync().ConfigureAwait(false);
        }
    }

    private Task<IMigrationTransaction> BeginAsync() =>
        _locks.UntilAsync("the write lock", () => turn.TryBeginAsync(script.Version, script.Header, watch.Token));

    private async Task<ScriptResult> RunStatementwiseAsync()
    {
        using var work = Work();
        return await turn.RunWithoutTransactionAsync(script, _text, watch.Token).ConfigureAwait(false);
    }

    private Task PauseAsync() => _locks.PauseAsync(() => turn.IsHeldUp);

    // Each attempt has the whole limit: what it waits for in between does not count.
    private Watch.Turned Work() => watch.Work(new Activity(
        ActivityKind.Working,
        $"migration {script.Version} to finish",
        new Budget(script.Header.Timeout ?? watch.Timeouts.Migration, MigrationErrorCode.DeadlineExceeded)) { Failure = Deadline });

    private MigrationError Deadline(Verdict verdict) => new()
    {
        Code = MigrationErrorCode.DeadlineExceeded,
        Message = $"{script.File}:{verdict.Running?.Line ?? 1}: worked for {Duration.Say(verdict.Activity.Budget.Limit)}, the limit of one migration, "
            + $"and was cancelled in statement {verdict.Running?.Statement}{RunErrors.Because(verdict.Finding)}",
        File = script.File,
        Line = verdict.Running?.Line,
        Hint = "If it needs longer, raise Timeouts:Migration, or write in the script's first line: -- migrationhost: timeout=hh:mm:ss",
    };

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
