using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>A script that runs statement by statement, since one of its statements commits by itself or it asks for it.</summary>
internal sealed class MySqlStatementRun : IStatementRun
{
    /// <summary>What runs several statements cannot be tried again: it waits until the run itself is given up, with who is in the
    /// way.</summary>
    private static readonly TimeSpan BehindTheRun = TimeSpan.FromSeconds(5);

    private readonly MySqlTurn _turn;
    private readonly Migration _script;
    private readonly MySqlLink _work;
    private readonly MySqlHistory _history;
    private readonly StatementRecords _records;
    private readonly MySqlScript _statements;
    private readonly MySqlScriptSession _said;
    private readonly TablesWithoutTransactions _tables;
    private StatementRecord? _record;
    private TimeSpan? _lockAttempt;
    private decimal? _before;
    private bool _isReady;

    /// <exception cref="MigrationException">The script cannot be run.</exception>
    public MySqlStatementRun(MySqlTurn turn, Migration script, ScriptText text)
    {
        (_turn, _script, _work, _history) = (turn, script, turn.Session.Work, turn.Session.History);
        _statements = MySqlScript.Read(script, text, _work.Server.HasBackslashEscapes, turn.Session.Rules, oneByOne: true);
        _said = new MySqlScriptSession(turn, _statements, script.Version);
        _tables = new TablesWithoutTransactions(turn.Session, _statements);
        _records = new StatementRecords(turn.Session, script.Version, _statements.All.Any(statement => statement.MayUse));
        turn.SessionChanged |= _statements.All.Any(statement => statement.ChangesSession);
    }

    public IReadOnlyList<IScriptStatement> Statements => _statements.All;

    public ValueTask<StatementResult> SkipAsync(int count, CancellationToken cancellationToken) =>
        TryAsync(_statements.All[count - 1], async () =>
        {
            await _said.ResumeAsync(count, (by, text) => RunAsync(by, text, cancellationToken), cancellationToken).ConfigureAwait(false);
            return StatementResult.Done;
        });

    public ValueTask<StatementResult> RunInTransactionAsync(
        IScriptStatement one, HistoryEntry before, HistoryEntry done, CancellationToken cancellationToken)
    {
        var statement = (MySqlStatement)one;
        return TryAsync(statement, async () =>
        {
            await ReadyAsync(cancellationToken).ConfigureAwait(false);
            if (await _tables.FindAsync([statement], cancellationToken).ConfigureAwait(false) is not null)
                return StatementResult.NeedsNoTransaction;
            await _said.RefuseLostIdAsync(statement, cancellationToken).ConfigureAwait(false);
            await _said.KeepAsync(statement, statement, cancellationToken).ConfigureAwait(false);
            var before = await StartAsync(cancellationToken).ConfigureAwait(false);
            await RunAsync(statement, cancellationToken).ConfigureAwait(false);
            var result = await CommitAsync(statement, done, before, cancellationToken).ConfigureAwait(false);
            _before = result == StatementResult.Done && _history.HasRowsOfEach ? before : null;
            return result;
        });
    }

    public ValueTask<StatementResult> RunAloneAsync(IScriptStatement one, bool begunBefore, CancellationToken cancellationToken)
    {
        var statement = (MySqlStatement)one;
        if (statement.NeedsNoTransaction)
            _tables.Forget();
        return TryAsync(statement, async () =>
        {
            await ReadyAsync(cancellationToken).ConfigureAwait(false);
            if (begunBefore)
                return await SettleAsync(statement, cancellationToken).ConfigureAwait(false);
            var runs = await MySqlExecuted.FindAsync(_work, _statements, statement, cancellationToken).ConfigureAwait(false);
            var stays = !runs.NeedsNoTransaction && await _tables.FindAsync([runs], cancellationToken).ConfigureAwait(false) is not null;
            try
            {
                await _said.RefuseLostIdAsync(statement, cancellationToken).ConfigureAwait(false);
            }
            catch (MigrationException lost)
            {
                throw new StatementDidNothingException(lost);
            }
            await _said.KeepAsync(statement, runs, cancellationToken).ConfigureAwait(false);
            try
            {
                if (runs.RunsOthers)
                    await WaitOnceAsync(_turn.Progress.LockLeft + BehindTheRun, cancellationToken).ConfigureAwait(false);
                else if (stays)
                    await WaitOnceAsync(TablesWithoutTransactions.Patience(_turn.Progress), cancellationToken).ConfigureAwait(false);
                if (statement.RunsOthers || statement.Selects || stays)
                    await RunGuardedAsync(statement, cancellationToken).ConfigureAwait(false);
                else
                    await RunAsync(statement, cancellationToken).ConfigureAwait(false);
                return StatementResult.Done;
            }
            catch (MySqlException refused) when (MySqlErrors.IsInTheWay(refused) && !runs.RunsOthers && !stays)
            {
                // A lock is waited for before anything is done, and what one statement has done is taken back.
                return StatementResult.NothingDone;
            }
            catch (MySqlException refused)
            {
                if (statement.RunsOthers || !await HasDoneNothingAsync(statement, refused, cancellationToken).ConfigureAwait(false))
                    throw _statements.Failed(statement, refused, MayHaveLeft(statement));
                throw new StatementDidNothingException(_statements.Failed(statement, refused, HowToGoOn));
            }
        });
    }

    public ValueTask<StatementResult> RecordAsync(HistoryEntry before, HistoryEntry done, CancellationToken cancellationToken) =>
        TryAsync(_statements.All[Math.Max(0, (done.StatementBegun ?? done.StatementsDone ?? 1) - 1)], async () =>
        {
            await ReadyAsync(cancellationToken).ConfigureAwait(false);
            var row = _records.ToForget();
            if (done.StatementBegun is { } begun)
                (_record, row) = await _records.LookAsync(_statements.All[begun - 1], cancellationToken).ConfigureAwait(false);
            await WriteAsync([MySqlSql.Begin, .. _history.ToWrite(done), row, MySqlSql.Commit], cancellationToken)
                .ConfigureAwait(false);
            return StatementResult.Done;
        });

    public ValueTask FinishAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<StatementResult> TryAsync(MySqlStatement statement, Func<Task<StatementResult>> work)
    {
        try
        {
            await _said.BeginAsync(CancellationToken.None).ConfigureAwait(false);
            await LimitWaitsAsync(CancellationToken.None).ConfigureAwait(false);
            return await work().ConfigureAwait(false);
        }
        catch (MySqlException refused) when (MySqlErrors.IsInTheWay(refused))
        {
            return await _work.TryRollBackAsync().ConfigureAwait(false) ? throw TablesWithoutTransactions.Stays(_script, refused)
                : StatementResult.LockNotGranted;
        }
        catch (MySqlException gone) when (IsOfOurTables(gone))
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            throw new MigrationException(
                ScriptFailure.Of(
                    _script,
                    $"its record cannot be kept: {gone.Message}",
                    "Another session has removed that table while the script ran: restore it from a backup. "
                        + $"What is done of the script up to line {statement.Line} is committed."),
                gone);
        }
        catch (MySqlException refused)
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            throw _statements.Failed(statement, refused, HowToGoOn);
        }
        catch (Exception)
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            throw;
        }
    }

    private bool IsOfOurTables(MySqlException e) => MySqlErrors.IsMissingTable(e)
        && (e.Message.Contains($".{_history.TableName}'", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains($".{StatementRecords.TableName}'", StringComparison.OrdinalIgnoreCase));

    /// <summary>Makes the tables that records need: inside a transaction that would commit it.</summary>
    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (_isReady)
            return;
        await _history.CompleteAsync(_work, cancellationToken).ConfigureAwait(false);
        await StatementRecords.CreateAsync(_turn.Session, cancellationToken).ConfigureAwait(false);
        _isReady = true;
    }

    /// <returns>The fingerprint of the history, which is taken once where our own records leave it as it is.</returns>
    private async Task<decimal> StartAsync(CancellationToken cancellationToken)
    {
        var start = $"{MySqlSql.Begin};\nSAVEPOINT {MySqlTransaction.Savepoint}";
        if (_before is { } known)
        {
            await _work.ExecuteAsync(cancellationToken, start).ConfigureAwait(false);
            return known;
        }
        var look = $"SELECT {_history.Fingerprint(_script.Version)};\n{start}";
        return (await _work.QueryAsync(look, row => row.GetDecimal(0), cancellationToken).ConfigureAwait(false))[0];
    }

    // What runs routines may change the history without its name, and commits that.
    private async Task RunGuardedAsync(MySqlStatement statement, CancellationToken cancellationToken)
    {
        var before = await MySqlHistoryGuard.TakeAsync(_work, _history, _script.Version, cancellationToken).ConfigureAwait(false);
        await RunAsync(statement, cancellationToken).ConfigureAwait(false);
        if (await MySqlHistoryGuard.TakeAsync(_work, _history, _script.Version, cancellationToken).ConfigureAwait(false) == before)
            return;
        throw _statements.Failed(
            statement,
            MySqlHistoryGuard.Changed(_history),
            $"That may be committed: restore {_history.TableName} from a backup. {MayHaveLeft(statement)}");
    }

    private Task RunAsync(MySqlStatement statement, CancellationToken cancellationToken) =>
        RunAsync(statement, statement.Text, cancellationToken);

    private async Task RunAsync(MySqlStatement statement, string text, CancellationToken cancellationToken)
    {
        await _turn.WorkAsync(text, token => _work.RunAsync(text, token), cancellationToken).ConfigureAwait(false);

        // A script that sets the limit itself sets it for itself alone: readers must not wait behind us for longer than an attempt.
        if (!statement.IsSetting && !statement.RunsOthers)
            return;
        _lockAttempt = null;
        await LimitWaitsAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LimitWaitsAsync(CancellationToken cancellationToken)
    {
        if (_turn.Progress.LockAttempt is var attempt && attempt == _lockAttempt)
            return;
        await _work.ExecuteAsync(cancellationToken, MySqlSql.ForOurStatements(attempt)).ConfigureAwait(false);
        _lockAttempt = attempt;
    }

    private async Task WaitOnceAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        _lockAttempt = null;
        await _work.ExecuteAsync(cancellationToken, MySqlSql.ForOurStatements(longest)).ConfigureAwait(false);
    }

    private Task WriteAsync(SqlCommand[] commands, CancellationToken cancellationToken) =>
        _turn.WorkAsync($"UPDATE {_history.Table}", token => _work.ExecuteAsync(token, commands), cancellationToken, isRecord: true);

    // What comes behind a savepoint that is gone is not run.
    private async Task<StatementResult> CommitAsync(
        MySqlStatement statement, HistoryEntry done, decimal before, CancellationToken cancellationToken)
    {
        var check = MySqlHistoryGuard.Check(_history, _script.Version, before);
        try
        {
            await WriteAsync(
                [$"RELEASE SAVEPOINT {MySqlTransaction.Savepoint}", check, .. _history.ToWrite(done), MySqlSql.Commit],
                cancellationToken).ConfigureAwait(false);
            return StatementResult.Done;
        }
        catch (MySqlException changed) when (MySqlHistoryGuard.IsFailedCheck(changed))
        {
            var stays = await _work.TryRollBackAsync().ConfigureAwait(false);
            if (await MySqlHistoryGuard.TakeAsync(_work, _history, _script.Version, cancellationToken).ConfigureAwait(false) == before)
                throw _statements.Failed(statement, MySqlHistoryGuard.Changed(_history), $"{HistoryTable.UseResolve} {HowToGoOn}");

            // It is another one after that, too: somebody else has changed it meanwhile.
            return !stays ? StatementResult.LockNotGranted
                : throw TablesWithoutTransactions.Stays(_script, changed, MySqlHistoryGuard.ChangedByAnother(_history));
        }
        catch (MySqlException missing) when (MySqlErrors.IsMissingSavepoint(missing))
        {
            throw _statements.Failed(statement, "has ended the transaction that it ran in, so that it is committed without its record",
                $"Finish the rest by hand and run 'migrationhost resolve {_script.Version} --applied'.");
        }
    }

    /// <summary>A break has left open whether a statement was done. For a listed kind of statement the catalog says so.</summary>
    private async Task<StatementResult> SettleAsync(MySqlStatement statement, CancellationToken cancellationToken)
    {
        var record = await _records.ReadAsync(statement.Number, cancellationToken).ConfigureAwait(false);
        var isSame = record?.Checksum == StatementRecords.Checksum(statement);
        if (statement.CanBeRepeated && isSame)
            return StatementResult.NothingDone;
        if (record is not { Object: { } about, Fingerprint: { } before })
        {
            throw _statements.Failed(
                statement,
                $"was under way when an earlier start was ended, {Why(statement)}, "
                    + "and how much of it was done does not show in the catalog",
                MayHaveLeft(statement));
        }
        if (await about.FingerprintAsync(_work, cancellationToken).ConfigureAwait(false) == before)
            return StatementResult.NothingDone;
        if (record.Server != _work.Server.Plain)
        {
            throw _statements.Failed(
                statement,
                $"was under way when an earlier start was ended. The definition of {about} is not the recorded one, but that was read by "
                    + (record.Server is { } version ? $"version {version} of the server, which may print it otherwise"
                        : "an earlier release of MigrationHost, which may have read it otherwise"),
                MayHaveLeft(statement));
        }
        if (!isSame)
        {
            throw _statements.Failed(
                statement,
                $"is not the statement that an earlier start had begun when it was ended, and that one has changed {about}",
                MayHaveLeft(statement));
        }
        _turn.Progress.Tell(new Progress.Noted(
            $"{_script.At(statement.Line)}: statement {statement.Number} was done before an earlier start was ended: {about} has changed"));
        return StatementResult.Done;
    }

    // What the server does not understand, or what is there already, it does not begin.
    private async Task<bool> HasDoneNothingAsync(MySqlStatement statement, MySqlException refused, CancellationToken cancellationToken) =>
        statement.CanBeRepeated
        || refused.ErrorCode == MySqlErrorCode.ParseError
        || refused.ErrorCode == MySqlErrorCode.TableExists && statement.Begins("CREATE")
        || _record is { Object: { } about, Fingerprint: { } before } && _record.Statement == statement.Number
            && await about.FingerprintAsync(_work, cancellationToken).ConfigureAwait(false) == before;

    private string MayHaveLeft(MySqlStatement statement) =>
        $"Look at what it has done: {What(statement)}. "
            + $"Then run 'migrationhost resolve {_script.Version} --applied' once the rest is done by hand, "
            + "or '--retry' to run the script from its first statement.";

    private static string Why(MySqlStatement statement) =>
        statement.NeedsNoTransaction ? "commits by itself" : "writes to a table without transactions";

    private static string What(MySqlStatement statement) => statement switch
    {
        { RunsOthers: true } => "each statement that it ran may be committed",
        { NeedsNoTransaction: false } => "what it writes to a table without transactions may be there",
        _ when statement.Begins("DROP") || statement.Begins("RENAME") => "some of the objects that it names may be gone, others not",
        _ when statement.Begins("TRUNCATE") => "the table may be empty",
        _ when statement.Begins("CREATE") => "what it creates may exist",
        _ when statement.Begins("GRANT") || statement.Begins("REVOKE") => "some of the rights may be changed",
        _ => "its effect may be there",
    };

    private string HowToGoOn =>
        "Nothing of the failed statement is done. Correct the script from there on and start again. "
        + $"Or finish it by hand and run 'migrationhost resolve {_script.Version} --applied', "
        + $"or 'resolve {_script.Version} --retry' to run it from its first statement.";
}
