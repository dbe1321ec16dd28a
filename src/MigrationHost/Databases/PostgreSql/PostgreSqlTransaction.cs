using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A transaction on the session of the work.</summary>
internal sealed class PostgreSqlTransaction : IMigrationTransaction
{
    private const string Commit = "COMMIT";

    private readonly PostgreSqlTurn _turn;
    private readonly TimeSpan _lockAttempt;
    private readonly string? _joinsFor;
    private Migration? _script;
    private SqlCommand[] _record = [];
    private string? _fingerprint;
    private bool _records;
    private bool _over;

    private PostgreSqlTransaction(PostgreSqlTurn turn, string? joinsFor = null) =>
        (_turn, _lockAttempt, _joinsFor) = (turn, turn.Progress.LockAttempt, joinsFor);

    private PostgreSqlConnection Work => _turn.Session.Work;

    private PostgreSqlHistory History => _turn.Session.History;

    private SessionSettings Asked => _turn.Session.Database.Asked;

    public IReadOnlyList<HistoryEntry> Known { get; private set; } = [];

    /// <summary>A part of one that has begun, for a migration that shares its commit.</summary>
    /// <remarks>
    /// It goes to the server in one piece. That loses which statement it was that failed or waits, and may: whatever comes in between,
    /// the whole group is rolled back, and its migrations run one by one.
    /// </remarks>
    public static PostgreSqlTransaction Joining(PostgreSqlTurn turn, string version) => new(turn, version);

    /// <summary>Begins one that has the lock it needs on the history; null if another session's lock is in the way.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="version">The migration that it is for.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    public static async Task<PostgreSqlTransaction?> TryBeginAsync(
        PostgreSqlTurn turn, string version, CancellationToken cancellationToken)
    {
        var transaction = new PostgreSqlTransaction(turn);
        var (work, history) = (transaction.Work, transaction.History);
        try
        {
            await turn.WorkAsync(
                0,
                async token => (transaction.Known, transaction._fingerprint) =
                    await history.BeginAsync(work, version, transaction._lockAttempt, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            return transaction;
        }
        catch (PostgresException refused) when (PostgreSqlErrors.MayBeSentAgain(refused))
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (PostgresException refused)
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw PostgreSqlErrors.Unusable(turn.Session.Database.Target, refused);
        }
    }

    public async ValueTask<ScriptResult> ExecuteAsync(Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        _script = script;
        var statements = PostgreSqlScript.Read(script, text, Work.StandardStrings, _turn.Session.History);
        if (_joinsFor is not null)
        {
            await SendAllAsync(statements, cancellationToken).ConfigureAwait(false);
            return ScriptResult.Done;
        }
        foreach (var statement in statements.All)
        {
            _turn.Progress.Tell(Progress.Statement.Of(script, statement.Number, statements.All.Count, statement.Line));
            _turn.SessionChanged |= statement.ChangesSession;
            if (!await TryRunAsync(statements, statement, cancellationToken).ConfigureAwait(false))
                return ScriptResult.LockNotGranted;
        }

        // The history is written with the rights of the connection, whatever role the script has taken.
        if (_turn.SessionChanged)
            await _turn.WorkAsync(0, token => Work.ExecuteAsync(token, Asked.AsConnected), cancellationToken).ConfigureAwait(false);
        return await TryFinishAsync(cancellationToken).ConfigureAwait(false) ? ScriptResult.Done : ScriptResult.LockNotGranted;
    }

    /// <remarks>Sent together with the commit: one way to the server less.</remarks>
    public async ValueTask RecordAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        var row = History.ToWrite(entry);
        if (!_records)
        {
            await _turn.WorkAsync(
                0,
                async token => row = await History.ToWriteAsync(Work, entry, token, _joinsFor is not null).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }
        _record = [.. _record, .. row];
        _records = true;
    }

    public ValueTask CorrectAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        _record = [.. _record, .. History.ToCorrect(entry)];
        return ValueTask.CompletedTask;
    }

    public async ValueTask ForgetAsync(string version, CancellationToken cancellationToken) => await _turn.WorkAsync(
        0,
        async token => _record = [.. _record, .. await History.ToForgetAsync(Work, version, token).ConfigureAwait(false)],
        cancellationToken).ConfigureAwait(false);

    /// <remarks>
    /// A commit that was refused has ended the transaction: trying it again would find nothing to commit and call that success.
    /// </remarks>
    public async ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken)
    {
        if (_over)
            return false;
        _over = true;
        if (_joinsFor is null)
            return await TrySendAsync(_record, commits: _turn.Group is null, cancellationToken).ConfigureAwait(false);
        _turn.Group!.SendLater(_joinsFor, _record);
        return true;
    }

    /// <summary>Tries to commit it, as the last of a group, with all that came before it.</summary>
    public async Task<bool> TryCommitGroupAsync(CancellationToken cancellationToken)
    {
        var untouched = false;
        await InGroupAsync(
            0,
            async token => untouched = await _turn.Group!.IsUntouchedAsync(Work, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return untouched && await TrySendAsync([], commits: true, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_over || _turn.Group is not null)
            return;
        _over = true;
        await Work.TryRollBackAsync().ConfigureAwait(false);
    }

    private async Task SendAllAsync(PostgreSqlScript script, CancellationToken cancellationToken)
    {
        SqlCommand[] all = [.. script.All.Select(statement => (SqlCommand)statement.Text)];
        _turn.Progress.Tell(Progress.Statement.Of(_script!, 1, script.All.Count, script.All[0].Line));
        await InGroupAsync(1, token => _turn.Group!.SendAsync(Work, all, token), cancellationToken).ConfigureAwait(false);
        script.RefuseOtherEncoding(script.All[^1], Work);
    }

    // What exactly was refused is found out by the single run that follows.
    private async Task InGroupAsync(int statement, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await _turn.WorkAsync(statement, work, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused)
        {
            throw Failed(_script!, "cannot share a commit", refused);
        }
    }

    private async Task<bool> TrySendAsync(SqlCommand[] last, bool commits, CancellationToken cancellationToken)
    {
        try
        {
            SqlCommand[] all = commits ? [.. last, Commit] : last;
            await _turn.WorkAsync(0, token => Work.ExecuteAsync(token, all), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException refused)
        {
            var atCommit = refused.BatchCommand?.CommandText.EndsWith(Commit, StringComparison.Ordinal) is true;
            if (commits && !atCommit)
                await Work.TryRollBackAsync().ConfigureAwait(false);
            if (PostgreSqlErrors.IsInTheWay(refused))
                return false;
            throw _script is null ? PostgreSqlErrors.Unusable(_turn.Session.Database.Target, refused)
                : Failed(_script, atCommit ? "the commit failed" : "its row in the history could not be written", refused);
        }
    }

    /// <summary>Has done what otherwise the commit would do first, and looks that the history is as it was.</summary>
    /// <returns>False: another session's lock was in the way.</returns>
    private async Task<bool> TryFinishAsync(CancellationToken cancellationToken)
    {
        var untouched = false;
        try
        {
            await _turn.WorkAsync(
                0,
                async token => untouched = await HistoryGuard.IsUntouchedAsync(Work, History, _fingerprint, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            return false;
        }
        catch (PostgresException refused)
        {
            throw Failed(_script!, "the commit failed", refused);
        }
        return untouched
            ? true
            : throw new MigrationException(ScriptFailure.Of(_script!, HistoryGuard.Changed(History), HistoryTable.UseResolve));
    }

    private static MigrationException Failed(Migration script, string what, PostgresException refused) =>
        new(ScriptFailure.Of(script, $"{what}: {refused.MessageText}", PostgreSqlErrors.HintFor(refused)), refused);

    private async Task<bool> TryRunAsync(PostgreSqlScript script, PostgreSqlStatement statement, CancellationToken cancellationToken)
    {
        var began = _turn.Session.Database.Time.GetTimestamp();
        try
        {
            // A script that sets lock_timeout itself sets it for itself alone: readers must not wait behind us for longer than an attempt.
            await _turn.WorkAsync(
                statement.Number,
                token => statement switch
                {
                    { WaitsWithoutHarm: true } =>
                        Work.ExecuteAsync(token, PostgreSqlSql.NoLockTimeout, statement.Text, PostgreSqlSql.LockTimeout(_lockAttempt)),
                    { ChangesSession: true } =>
                        Work.ExecuteAsync(token, [statement.Text, .. Asked.After(statement), PostgreSqlSql.LockTimeout(_lockAttempt)]),
                    _ => Work.ExecuteAsync(token, statement.Text),
                },
                cancellationToken).ConfigureAwait(false);
            script.RefuseOtherEncoding(statement, Work);
            return true;
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            _turn.Progress.Tell(new Progress.LockRefused(_turn.Session.Database.Time.GetElapsedTime(began)));
            return false;
        }
        catch (PostgresException refused)
        {
            throw script.Failed(statement, refused);
        }
    }
}
