using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Applies one script: in as many attempts as other people's locks make necessary, within the limits of its watch.</summary>
internal sealed class ScriptRun(
    Watch watch, IMigrationDatabase database, ITurn turn, Migration script, IComparer<string> order, TimeProvider time, ILogger logger)
{
    private const int LooksWithoutWork = 3;

    private readonly ScriptText _text = watch.Read(script);
    private readonly Wait _locks = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);

    /// <summary>Applies it, unless another instance was faster.</summary>
    /// <returns>What the history says of it.</returns>
    public async Task<HistoryEntry> ApplyAsync()
    {
        using var span = watch.Trace?.Migration(script.Version, script.Description);
        using var closed = _locks;
        watch.Begins(script.Version, script.Description, _locks);
        var done = false;
        try
        {
            var entry = script.Header.WithoutTransaction || !database.Facts.TransactionalDdl
                ? await ApplyStatementwiseAsync().ConfigureAwait(false)
                : await ApplyInTransactionAsync().ConfigureAwait(false);
            done = true;
            if (entry.AppliedBy == Instance.Name)
            {
                var statements = Count(watch.Running?.Statement ?? 0);
                Log.Applied(logger, watch.State.Name, entry.Version, entry.Description, statements, Duration.Say(entry.DurationMs ?? 0));
            }
            else
                Log.AppliedByOther(logger, watch.State.Name, entry.Version, entry.AppliedBy ?? "somebody else");
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
            if (Known(transaction) is { State: HistoryState.Applied } known)
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
        var began = time.GetTimestamp();
        ScriptResult result;
        do
        {
            var begun = await RecordAsync(HistoryState.Started, TimeSpan.Zero).ConfigureAwait(false);
            if (begun.State == HistoryState.Applied)
                return begun;
            if (begun.StatementsDone is { } done and > 0)
                Log.Resuming(logger, watch.State.Name, script.Version, done);
            result = await RunStatementsAsync(begun).ConfigureAwait(false);
        }
        while (result == ScriptResult.StartOver);
        return await RecordAsync(HistoryState.Applied, time.GetElapsedTime(began)).ConfigureAwait(false);
    }

    private async Task<ScriptResult> RunStatementsAsync(HistoryEntry begun)
    {
        await using var run = new StatementwiseRun(
            watch,
            script,
            await turn.BeginStatementsAsync(script, _text, watch.Token).ConfigureAwait(false),
            database.Facts.RecordsWhatBegins);
        while (true)
        {
            try
            {
                using var work = Work();
                if (await run.RunAsync(begun).ConfigureAwait(false) is var result and not ScriptResult.LockNotGranted)
                    return result;
            }
            catch (StatementDidNothingException nothing)
            {
                return await IsAppliedByOthersAsync().ConfigureAwait(false) ? ScriptResult.StartOver : throw nothing.Failure;
            }
            await PauseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What a statement makes is there already. The tool whose history it is may be at work on the same migration, outside any
    /// transaction and so outside our turn: it is waited for, as long as somebody works.</summary>
    /// <returns>Whether the history has it now.</returns>
    private async Task<bool> IsAppliedByOthersAsync()
    {
        if (database.Form.Journal is null || turn is not ISeesWork others)
            return false;
        for (var idle = 0; idle < LooksWithoutWork; idle++)
        {
            await using (var transaction = await BeginAsync().ConfigureAwait(false))
            {
                if (Known(transaction) is { State: HistoryState.Applied })
                    return true;
            }
            if (await others.IsAnybodyAtWorkAsync(watch.Token).ConfigureAwait(false))
                idle = 0;
            _locks.What = "another process that works on the same migration";
            await PauseAsync().ConfigureAwait(false);
        }
        return false;
    }

    /// <summary>Records it, unless that would put a begun script back to its start.</summary>
    /// <returns>What the history says of it now.</returns>
    private async Task<HistoryEntry> RecordAsync(HistoryState state, TimeSpan duration)
    {
        while (true)
        {
            await using var transaction = await BeginAsync().ConfigureAwait(false);
            if (Known(transaction) is { } known && (state == HistoryState.Started || known.State == HistoryState.Applied))
                return known;
            using (Work())
            {
                var entry = Entry(state, duration);
                await transaction.RecordAsync(entry, watch.Token).ConfigureAwait(false);
                if (await transaction.TryCommitAsync(watch.Token).ConfigureAwait(false))
                    return entry;
            }
            await transaction.DisposeAsync().ConfigureAwait(false);
            await PauseAsync().ConfigureAwait(false);
        }
    }

    private HistoryEntry? Known(IMigrationTransaction transaction)
    {
        var found = transaction.Known.FirstOrDefault(
            known => known.Version == script.Version || known.AndAllBefore && order.Compare(script.Version, known.Version) <= 0);
        if (found is not null && script.IsDueAgain(found))
            return null;
        return found?.Mark is not { } mark ? found : throw new MigrationException(ScriptFailure.Of(
            script, $"was begun by somebody else meanwhile ({mark})", "Let the tool that runs it finish, then start again.") with
        {
            Code = MigrationErrorCode.HistoryMismatch,
        });
    }

    private Task<IMigrationTransaction> BeginAsync() =>
        _locks.UntilAsync(database.Facts.ToWrite, () => turn.TryBeginAsync(script.Version, script.Header, watch.Token));

    private Task PauseAsync() => _locks.PauseAsync(turn as ISeesHolders);

    // Each attempt has the whole limit: what it waits for in between does not count.
    private Watch.Turned Work() => watch.Work(new Activity(
        ActivityKind.Working,
        $"migration {script.Version} to finish",
        new Budget(script.Header.Timeout ?? watch.Timeouts.Migration, MigrationErrorCode.DeadlineExceeded)) { Failure = Deadline });

    private MigrationError Deadline(Verdict verdict) => new()
    {
        Code = MigrationErrorCode.DeadlineExceeded,
        Message = $"{script.At(verdict.Running)}: worked for {Duration.Say(verdict.Activity.Budget.Limit)}, the limit of one migration, "
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
