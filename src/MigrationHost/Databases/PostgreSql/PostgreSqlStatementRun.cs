using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A script with <c>transaction=none</c> on the session of the work.</summary>
internal sealed class PostgreSqlStatementRun : IStatementRun
{
    private const string MayHaveLeft =
        " as far as the server can: look for what it may have left, such as an INVALID index, which the next start drops and builds again";

    private readonly PostgreSqlTurn _turn;
    private readonly Migration _script;
    private readonly PostgreSqlConnection _work;
    private readonly PostgreSqlHistory _history;
    private readonly SessionSettings _asked;
    private readonly ConcurrentIndexes _indexes;
    private readonly PostgreSqlScript _statements;

    /// <exception cref="MigrationException">The script cannot be run.</exception>
    public PostgreSqlStatementRun(PostgreSqlTurn turn, Migration script, ScriptText text)
    {
        (_turn, _script) = (turn, script);
        (_work, _history, _asked) = (turn.Session.Work, turn.Session.History, turn.Session.Database.Asked);
        _indexes = new ConcurrentIndexes(turn, script);
        _statements = PostgreSqlScript.Read(script, text, _work.StandardStrings, _history);
    }

    public IReadOnlyList<IScriptStatement> Statements => _statements.All;

    public ValueTask<StatementResult> SkipAsync(
        int count,
        CancellationToken cancellationToken) => TryAsync(_statements.All[count - 1], async () =>
    {
        foreach (var statement in _statements.All.Take(count).Where(statement => statement.IsSetting))
            await OursAsync([statement.Text, .. _asked.After(statement)], cancellationToken).ConfigureAwait(false);
        return StatementResult.Done;
    });

    public ValueTask<StatementResult> RunInTransactionAsync(
        IScriptStatement one, HistoryEntry before, HistoryEntry done, CancellationToken cancellationToken)
    {
        var statement = (PostgreSqlStatement)one;
        return TryAsync(statement, async () =>
        {
            try
            {
                await RunAndRecordAsync(statement, done, cancellationToken).ConfigureAwait(false);
                return StatementResult.Done;
            }
            catch (PostgresException needsNone) when (needsNone.SqlState
                is PostgresErrorCodes.ActiveSqlTransaction or PostgresErrorCodes.InvalidTransactionTermination)
            {
                return StatementResult.NeedsNoTransaction;
            }
        });
    }

    public ValueTask<StatementResult> RunAloneAsync(IScriptStatement one, bool begunBefore, CancellationToken cancellationToken)
    {
        var statement = (PostgreSqlStatement)one;
        return TryAsync(statement, async () =>
        {
            try
            {
                if (begunBefore && !statement.CanBeRepeated && !statement.IsConcurrent)
                    await SettleBrokenAsync(statement, cancellationToken).ConfigureAwait(false);
                else
                    await RunAloneAsync(statement, begunBefore, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException gone) when (begunBefore && statement.Begins("DROP") && PostgreSqlErrors.IsDoneAlready(gone))
            {
                WasDone(statement, gone);
            }
            catch (PostgresException refused) when (statement.TellsWhenDone || PostgreSqlErrors.IsDoneAlready(refused))
            {
                // It has done nothing: the next start must not take what was there already for its work.
                if (PostgreSqlErrors.IsInTheWay(refused))
                    return StatementResult.NothingDone;
                throw new StatementDidNothingException(_statements.Failed(statement, refused, HowToGoOn(statement)));
            }
            return StatementResult.Done;
        });
    }

    public ValueTask<StatementResult> RecordAsync(HistoryEntry before, HistoryEntry done, CancellationToken cancellationToken) =>
        TryAsync(_statements.All[Math.Max(0, (done.StatementBegun ?? done.StatementsDone ?? 1) - 1)], async () =>
        {
            await _turn.WorkAsync(
                0,
                async token =>
                {
                    var record = await _history.ToWriteAsync(_work, done, token).ConfigureAwait(false);
                    await _work.ExecuteAsync(token, ["BEGIN", .. _asked.AsConnected, .. record, "COMMIT"]).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            return StatementResult.Done;
        });

    public ValueTask FinishAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<StatementResult> TryAsync(PostgreSqlStatement statement, Func<Task<StatementResult>> work)
    {
        try
        {
            var result = await work().ConfigureAwait(false);
            if (result != StatementResult.Done)
                await _work.TryRollBackAsync().ConfigureAwait(false);
            return result;
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            return StatementResult.LockNotGranted;
        }
        catch (PostgresException refused)
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            var failure = _statements.Failed(statement, refused, HowToGoOn(statement));
            throw PostgreSqlErrors.IsDoneAlready(refused) ? new StatementDidNothingException(failure) : failure;
        }
        catch (Exception)
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The statement and its record commit together.</summary>
    private async Task RunAndRecordAsync(PostgreSqlStatement statement, HistoryEntry done, CancellationToken cancellationToken)
    {
        var patience = statement.WaitsWithoutHarm ? TimeSpan.Zero : _turn.Progress.LockAttempt;
        var before = await HistoryGuard.BeginAsync(
            _work,
            _history,
            ["BEGIN", PostgreSqlSql.LockTimeout(patience)],
            cancellationToken).ConfigureAwait(false);
        await WorkAsync(statement, [statement.Text, .. _asked.After(statement)], cancellationToken).ConfigureAwait(false);
        _statements.RefuseOtherEncoding(statement, _work);
        var untouched = false;
        await WorkAsync(
            statement,
            async token => untouched = await HistoryGuard.IsUntouchedAsync(_work, _history, before, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        if (!untouched)
            throw _statements.Failed(statement, HistoryGuard.Changed(_history), $"{HistoryTable.UseResolve} {HowToGoOn(statement)}");
        var record = await _history.ToWriteAsync(_work, done, cancellationToken).ConfigureAwait(false);
        await WorkAsync(statement, [.. _asked.AsConnected, .. record, "COMMIT"], cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAloneAsync(PostgreSqlStatement statement, bool begunBefore, CancellationToken cancellationToken)
    {
        if (statement.BuildsIndexConcurrently && begunBefore
            && await _indexes.IsBuiltAsync(_statements, statement, cancellationToken).ConfigureAwait(false))
            return;
        var patience = statement.WaitsWithoutHarm ? TimeSpan.Zero : _turn.Progress.LockAttempt;
        await OursAsync([PostgreSqlSql.SessionLockTimeout(patience)], cancellationToken).ConfigureAwait(false);
        try
        {
            await WorkAsync(statement, [statement.Text, .. _asked.After(statement)], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!_work.IsBroken)
                await OursAsync([PostgreSqlSql.SessionLockTimeout(TimeSpan.Zero)], CancellationToken.None).ConfigureAwait(false);
        }
        if (statement.BuildsIndexConcurrently)
            await _indexes.RefuseInvalidAsync(_statements, statement, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A break has left open whether a statement was done. If it creates or drops something, running it once more
    /// shows it: the server says that this is so already.
    /// </summary>
    private async Task SettleBrokenAsync(PostgreSqlStatement statement, CancellationToken cancellationToken)
    {
        if (!statement.TellsWhenDone)
        {
            throw _statements.Failed(
                statement,
                "was under way when an earlier start was ended, outside a transaction, and how much of it was done is not visible",
                $"Look at what it has done. Then run 'migrationhost resolve {_script.Version} --applied' once the rest is done by hand, "
                    + "or '--retry' to run the script from its first statement.");
        }
        try
        {
            await WorkAsync(statement, [statement.Text], cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException already) when (PostgreSqlErrors.IsDoneAlready(already))
        {
            WasDone(statement, already);
        }
    }

    private void WasDone(PostgreSqlStatement statement, PostgresException already) => _turn.Progress.Tell(new Progress.Said(
        "NOTICE", $"statement {statement.Number} of {_script.File} was done before an earlier start was ended: {already.MessageText}"));

    private Task OursAsync(SqlCommand[] commands, CancellationToken cancellationToken) =>
        _turn.WorkAsync(0, token => _work.ExecuteAsync(token, commands), cancellationToken);

    private Task WorkAsync(PostgreSqlStatement statement, SqlCommand[] commands, CancellationToken cancellationToken) =>
        WorkAsync(statement, token => _work.ExecuteAsync(token, commands), cancellationToken);

    private async Task WorkAsync(PostgreSqlStatement statement, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var time = _turn.Session.Database.Time;
        var began = time.GetTimestamp();
        try
        {
            await _turn.WorkAsync(statement.Number, work, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            _turn.Progress.Tell(new Progress.LockRefused(time.GetElapsedTime(began)));
            throw;
        }
    }

    private string HowToGoOn(PostgreSqlStatement failed) =>
        $"The failed statement was rolled back{(failed.NeedsNoTransaction ? MayHaveLeft : "")}. "
            + "Correct the script from there on and start again. "
        + $"Or finish it by hand and run 'migrationhost resolve {_script.Version} --applied', "
        + $"or 'resolve {_script.Version} --retry' to run it from its first statement.";
}
