using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Applies one script: in as many attempts as other people's locks make necessary, within the limits of its watch.</summary>
/// <param name="watch">The watch over the run.</param>
/// <param name="database">The database.</param>
/// <param name="turn">The turn.</param>
/// <param name="script">The script.</param>
/// <param name="order">The order of the ids.</param>
/// <param name="time">The time.</param>
/// <param name="logger">The log.</param>
/// <param name="text">Its text, if that has been read; else null.</param>
/// <param name="group">Ends the attempt, of which there is only one then, since it shares a commit; null if it has its own.</param>
internal sealed partial class ScriptRun(
    Watch watch,
    IMigrationDatabase database,
    ITurn turn,
    Migration script,
    IComparer<string> order,
    TimeProvider time,
    ILogger logger,
    ScriptText? text = null,
    CancellationToken? group = null)
{
    private const int LooksWithoutWork = 3;

    private readonly ScriptText _text = text ?? watch.Read(script);
    private readonly CancellationToken _token = group ?? watch.Token;
    private readonly Wait _locks = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
    private int _statements;

    /// <summary>Applies it, unless another instance was faster.</summary>
    /// <returns>What the history says of it.</returns>
    public Task<HistoryEntry> ApplyAsync() =>
        WatchedAsync(() => IsStatementwise ? ApplyStatementwiseAsync() : ApplyInTransactionAsync(), group is null ? Report : _ => { });

    /// <summary>Runs it, and records nothing of it: a callback.</summary>
    public Task RunAsync() => WatchedAsync(
        () => InTransactionAsync(
            _ => Task.FromResult<HistoryEntry?>(null), (_, duration) => Task.FromResult(Entry(HistoryState.Applied, duration))),
        entry => Log.CallbackRan(logger, watch.State.Name, script.File, Duration.Say(entry.DurationMs ?? 0)));

    /// <summary>Whether it may share a commit with others: nothing in its header asks for a transaction of its own kind or for limits of
    /// its own, and its row is new.</summary>
    public bool CanShareCommit => !IsStatementwise && !script.Repeats && script.Header is { EnforceForeignKeys: false, Timeout: null }
        && turn is IGroupsMigrations groups && groups.MayShare(script, _text);

    /// <summary>How long its text is, in bytes.</summary>
    public int TextLength => _text.Utf8.Length;

    private bool IsStatementwise => !database.Facts.RunsInTransaction(script, _text);

    private async Task<HistoryEntry> WatchedAsync(Func<Task<HistoryEntry>> work, Action<HistoryEntry> report)
    {
        using var span = watch.Trace?.Migration(script.Version, script.Description);
        using var closed = _locks;
        var file = script.Generated is null ? script.File : null;
        watch.Begins(script.Version, script.Description, _locks, file);
        var done = false;
        try
        {
            var entry = await work().ConfigureAwait(false);
            _statements = watch.Running?.Statement ?? 0;
            done = true;
            report(entry);
            return entry;
        }
        finally
        {
            watch.Ends(done);
        }
    }

    /// <summary>Tries to commit it, as the last of a group, with all that came before it.</summary>
    public async Task<bool> TryCommitGroupAsync(IGroupsMigrations groups)
    {
        using var locks = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        watch.Begins(script.Version, script.Description, locks);
        var done = false;
        try
        {
            using (Work())
                done = await groups.TryCommitGroupAsync(watch.Token).ConfigureAwait(false);
            return done;
        }
        finally
        {
            watch.Ends(done);
        }
    }

    /// <summary>Logs what has become of it.</summary>
    public void Report(HistoryEntry entry)
    {
        if (entry.AppliedBy == Instance.Name)
        {
            var statements = PlaceText.Statements(_statements);
            Log.Applied(logger, watch.State.Name, entry.Version, entry.Description, statements, Duration.Say(entry.DurationMs ?? 0));
        }
        else
            Log.AppliedByOther(logger, watch.State.Name, entry.Version, entry.AppliedBy ?? "another process");
    }

    /// <summary>Statements and history row commit together, or nothing does. What an earlier start has begun statement by statement is
    /// continued so, whatever the corrected script would do.</summary>
    private async Task<HistoryEntry> ApplyInTransactionAsync()
    {
        var entry = await InTransactionAsync(
            transaction => Known(transaction) is { } known && (known.State == HistoryState.Applied || known.HasBegun)
                ? Task.FromResult<HistoryEntry?>(known)
                : BegunIfItStaysAsync(transaction),
            async (transaction, duration) =>
            {
                var applied = Entry(HistoryState.Applied, duration);
                await transaction.RecordAsync(applied, _token).ConfigureAwait(false);
                return applied;
            }).ConfigureAwait(false);
        if (entry.State == HistoryState.Applied)
            return entry;
        if (group is { } shared)
            throw new OperationCanceledException(shared);
        return await ApplyStatementwiseAsync().ConfigureAwait(false);
    }

    // What a rollback would leave is begun statement by statement.
    private async Task<HistoryEntry?> BegunIfItStaysAsync(IMigrationTransaction transaction) =>
        await transaction.CanRollBackAsync(script, _text, _token).ConfigureAwait(false) ? null : Entry(HistoryState.Started, TimeSpan.Zero);

    /// <param name="known">Why nothing is to be done here: what the history says already; null if it is to be done.</param>
    /// <param name="record">Records that it is done, given how long that took.</param>
    private async Task<T> InTransactionAsync<T>(
        Func<IMigrationTransaction, Task<T?>> known, Func<IMigrationTransaction, TimeSpan, Task<T>> record) where T : class
    {
        while (true)
        {
            await using var transaction = await BeginAsync().ConfigureAwait(false);
            if (await known(transaction).ConfigureAwait(false) is { } already)
                return already;

            ScriptResult result;
            using (Work())
            {
                var began = time.GetTimestamp();
                result = await transaction.ExecuteAsync(script, _text, _token).ConfigureAwait(false);
                if (result == ScriptResult.Done)
                {
                    var entry = await record(transaction, time.GetElapsedTime(began)).ConfigureAwait(false);
                    if (await transaction.TryCommitAsync(_token).ConfigureAwait(false))
                        return entry;
                }
            }
            await transaction.DisposeAsync().ConfigureAwait(false);
            if (group is { } shared)
                throw new OperationCanceledException(shared);
            if (result != ScriptResult.StartOver)
                await PauseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Changes the history, in as many attempts as other people's locks make necessary.</summary>
    /// <param name="change">Makes the change; null if there is none to make.</param>
    private async Task<T?> WriteAsync<T>(Func<IMigrationTransaction, Task<T?>> change) where T : class
    {
        while (true)
        {
            await using var transaction = await BeginAsync().ConfigureAwait(false);
            using (Work())
            {
                if (await change(transaction).ConfigureAwait(false) is not { } made)
                    return null;
                if (await transaction.TryCommitAsync(_token).ConfigureAwait(false))
                    return made;
            }
            await transaction.DisposeAsync().ConfigureAwait(false);
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
                Log.Resuming(logger, watch.State.Name, script.Version, PlaceText.Statements(done));
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
            await turn.BeginStatementsAsync(script, _text, _token).ConfigureAwait(false),
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
            if (await others.IsAnybodyAtWorkAsync(_token).ConfigureAwait(false))
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
        HistoryEntry? known = null;
        return await WriteAsync(async transaction =>
        {
            known = Known(transaction);
            if (known is not null && (state == HistoryState.Started || known.State == HistoryState.Applied))
                return null;
            var entry = Entry(state, duration);
            await transaction.RecordAsync(entry, _token).ConfigureAwait(false);
            return entry;
        }).ConfigureAwait(false) ?? known!;
    }

    private HistoryEntry? Known(IMigrationTransaction transaction)
    {
        var found = transaction.Known.FirstOrDefault(
            known => known.Version == script.Version || known.AndAllBefore && order.Compare(script.Version, known.Version) <= 0);
        if (found is not null && script.IsDueAgain(found))
            return null;
        return found?.Mark is not { } mark ? found : throw new MigrationException(ScriptFailure.Of(
            script, $"was begun by another process meanwhile ({mark})", "Let the tool that runs it finish, then start again.") with
        {
            Code = MigrationErrorCode.HistoryMismatch,
        });
    }

    private Task<IMigrationTransaction> BeginAsync() =>
        _locks.UntilAsync(database.Facts.ToWrite, () => turn.TryBeginAsync(script.Version, script.Header, _token));

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


    private HistoryEntry Entry(HistoryState state, TimeSpan duration) => new()
    {
        Version = script.Version,
        Description = script.Description,
        Checksum = script.Checksum,
        AppliedAt = time.GetUtcNow(),
        DurationMs = (long)duration.TotalMilliseconds,
        AppliedBy = Instance.Name,
        State = state,
        IsBreaking = script.Header.IsBreaking,
    };
}
