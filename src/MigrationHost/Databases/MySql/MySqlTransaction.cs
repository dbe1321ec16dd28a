using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>A transaction on the session of the work.</summary>
internal sealed class MySqlTransaction : IMigrationTransaction
{
    /// <summary>Is gone once something has ended the transaction behind our back: a procedure that commits.</summary>
    public const string Savepoint = "migrationhost";

    private readonly MySqlTurn _turn;
    private readonly string _version;
    private readonly TimeSpan _lockAttempt;
    private readonly List<SqlCommand> _record = [];
    private Migration? _script;
    private MySqlScript? _read;
    private decimal _before;
    private bool _commitsItself;
    private bool _over;

    private MySqlTransaction(MySqlTurn turn, string version) =>
        (_turn, _version, _lockAttempt) = (turn, version, turn.Progress.LockAttempt);

    public IReadOnlyList<HistoryEntry> Known { get; private set; } = [];

    private MySqlLink Work => _turn.Session.Work;

    private MySqlHistory History => _turn.Session.History;

    /// <summary>Begins one that has the lock it needs on the history; null if another session's lock is in the way.</summary>
    public static async Task<MySqlTransaction?> TryBeginAsync(MySqlTurn turn, string version, CancellationToken cancellationToken)
    {
        var transaction = new MySqlTransaction(turn, version);
        try
        {
            await turn.WorkAsync(
                $"UPDATE {transaction.History.Table}",
                async token => (transaction.Known, transaction._before) =
                    await transaction.History.BeginAsync(transaction.Work, version, transaction._lockAttempt, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            return transaction;
        }
        catch (MySqlException refused) when (MySqlErrors.IsInTheWay(refused))
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (MySqlException refused)
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw MySqlErrors.Unusable(turn.Session.Database.Target, refused);
        }
    }

    public async ValueTask<bool> CanRollBackAsync(Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        var tables = new TablesWithoutTransactions(_turn.Session, Read(script, text));
        return await tables.FindAsync(_read!.All, cancellationToken).ConfigureAwait(false) is null;
    }

    /// <remarks>A callback may have DDL in it, or write to tables without transactions: nothing is recorded of one, and it runs again with
    /// the next start.</remarks>
    public async ValueTask<ScriptResult> ExecuteAsync(Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        _script = script;
        var statements = Read(script, text);
        _commitsItself = statements.All.Any(statement => statement.NeedsNoTransaction);
        await MySqlScriptSession.BeginAsync(Work, statements, cancellationToken).ConfigureAwait(false);
        foreach (var statement in statements.All)
        {
            _turn.Progress.Tell(Progress.Statement.Of(script, statement.Number, statements.All.Count, statement.Line));
            _turn.SessionChanged |= statement.ChangesSession;
            var isAskedAbout = statements.All.ElementAtOrDefault(statement.Number) is { UsesTheOneBefore: true };
            if (!await TryRunAsync(statements, statement, isAskedAbout, cancellationToken).ConfigureAwait(false))
                return ScriptResult.LockNotGranted;
        }
        return ScriptResult.Done;
    }

    /// <remarks>Sent together with the commit: one way to the server less.</remarks>
    public ValueTask RecordAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        _record.AddRange(History.ToWrite(entry));
        return ValueTask.CompletedTask;
    }

    public ValueTask CorrectAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        _record.AddRange(History.ToCorrect(entry));
        return ValueTask.CompletedTask;
    }

    public ValueTask ForgetAsync(string version, CancellationToken cancellationToken)
    {
        _record.AddRange(History.ToForget(version));
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken)
    {
        if (_over)
            return false;
        var check = _script is null ? Array.Empty<SqlCommand>() : [MySqlHistoryGuard.Check(History, _version, _before)];
        try
        {
            await _turn.WorkAsync(
                $"UPDATE {History.Table}",
                token => Work.ExecuteAsync(token, [.. check, .. _record, MySqlSql.Commit]),
                cancellationToken).ConfigureAwait(false);
            _over = true;
            return true;
        }
        catch (MySqlException changed) when (_script is not null && MySqlHistoryGuard.IsFailedCheck(changed))
        {
            var stays = await RollBackAsync().ConfigureAwait(false);
            if (!await IsOfAnotherAsync(cancellationToken).ConfigureAwait(false))
                throw new MigrationException(ScriptFailure.Of(_script, MySqlHistoryGuard.Changed(History), HistoryTable.UseResolve));
            return stays ? throw TablesWithoutTransactions.Stays(_script, changed, MySqlHistoryGuard.ChangedByAnother(History)) : false;
        }
        catch (MySqlException refused)
        {
            if (MySqlErrors.IsInTheWay(refused))
            {
                await RollBackToTryAgainAsync(refused).ConfigureAwait(false);
                return false;
            }
            await RollBackAsync().ConfigureAwait(false);
            throw _script is null ? MySqlErrors.Unusable(_turn.Session.Database.Target, refused)
                : new MigrationException(
                    ScriptFailure.Of(
                        _script, $"its row in the history could not be committed: {refused.Message}", MySqlErrors.HintFor(refused)),
                    refused);
        }
    }

    public async ValueTask DisposeAsync() => await RollBackAsync().ConfigureAwait(false);

    private async Task<bool> RollBackAsync()
    {
        if (_over)
            return false;
        _over = true;
        return await Work.TryRollBackAsync().ConfigureAwait(false);
    }

    private async Task RollBackToTryAgainAsync(MySqlException refused)
    {
        if (await RollBackAsync().ConfigureAwait(false))
            throw TablesWithoutTransactions.Stays(_script!, refused);
    }

    private MySqlScript Read(Migration script, ScriptText text) =>
        _read ??= MySqlScript.Read(script, text, Work.Server.HasBackslashEscapes, _turn.Session.Rules);

    // What the script did is rolled back. If the history is still another one, another session has changed it meanwhile.
    private async Task<bool> IsOfAnotherAsync(CancellationToken cancellationToken)
    {
        try
        {
            return !_commitsItself
                && await MySqlHistoryGuard.TakeAsync(Work, History, _version, cancellationToken).ConfigureAwait(false) != _before;
        }
        catch (MySqlException refused)
        {
            throw MySqlErrors.Unusable(_turn.Session.Database.Target, refused);
        }
    }

    private async Task<bool> TryRunAsync(
        MySqlScript script, MySqlStatement statement, bool isAskedAbout, CancellationToken cancellationToken)
    {
        try
        {
            await _turn.WorkAsync(statement.Text, token => Work.RunAsync(statement.Text, token, isAskedAbout), cancellationToken)
                .ConfigureAwait(false);
            if (statement.IsSetting)
                await Work.ExecuteAsync(cancellationToken, MySqlSql.ForOurStatements(_lockAttempt)).ConfigureAwait(false);
            return true;
        }
        catch (MySqlException refused) when (MySqlErrors.IsInTheWay(refused))
        {
            await RollBackToTryAgainAsync(refused).ConfigureAwait(false);
            return false;
        }
        catch (MySqlException refused)
        {
            throw script.Failed(statement, refused);
        }
    }
}
