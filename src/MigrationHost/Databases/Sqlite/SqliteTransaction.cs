using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A write transaction, begun with BEGIN IMMEDIATE.</summary>
internal sealed class SqliteTransaction(SqliteSession session, SqliteTurn turn, SqliteHistoryGuard history) : IMigrationTransaction
{
    private Migration? _script;
    private bool _committed;

    public SqliteHistoryGuard History => history;

    public IReadOnlyList<HistoryEntry> Known => history.Known;

    public async ValueTask<ScriptResult> ExecuteAsync(Migration script, ScriptText text, CancellationToken cancellationToken) =>
        await session.RunAsync(
            sqlite => Execute(sqlite, script, text, cancellationToken), turn.Progressed, cancellationToken).ConfigureAwait(false);

    public async ValueTask RecordAsync(HistoryEntry entry, CancellationToken cancellationToken) =>
        await session.RunAsync(_ => RefuseChange(history.Write(entry)), cancellationToken).ConfigureAwait(false);

    public async ValueTask CorrectAsync(HistoryEntry entry, CancellationToken cancellationToken) =>
        await session.RunAsync(_ => RefuseChange(history.Correct(entry)), cancellationToken).ConfigureAwait(false);

    public async ValueTask ForgetAsync(string version, CancellationToken cancellationToken) =>
        await session.RunAsync(_ => history.Forget(version), cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken) =>
        _committed = turn.IsGrouping || await TryCommitAllAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Commits it, with all that came before it in the same transaction.</summary>
    public async Task<bool> TryCommitAllAsync(CancellationToken cancellationToken)
    {
        if (!await session.RunAsync(_ => history.HasAllThatJoined, cancellationToken).ConfigureAwait(false))
            return false;
        var committed = await session.RunAsync(sqlite => TryCommit(sqlite, cancellationToken), cancellationToken).ConfigureAwait(false);
        session.Now(committed ? SqliteActivity.Idle : SqliteActivity.WaitsToCommit);
        return committed;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_committed)
            await RollBackAsync().ConfigureAwait(false);
        else if (!turn.IsGrouping)
            session.RolledBack();
    }

    /// <summary>Rolls it back, with all that it may have joined.</summary>
    public async Task RollBackAsync()
    {
        await session.RunAsync(RollBack, CancellationToken.None).ConfigureAwait(false);
        session.RolledBack();
    }

    // Some errors (a full disk, an interrupt) have ended the transaction already.
    public static void RollBack(RawSqlite sqlite)
    {
        if (sqlite.InTransaction)
            sqlite.Execute("ROLLBACK");
        try
        {
            // After a write error SQLite leaves it to the next reader to play the journal back. Until then nobody could who may only read.
            sqlite.TryExecute("SELECT 1 FROM main.sqlite_master LIMIT 1");
        }
        catch (SqliteFailure)
        {
            // What is wrong with the file is told by what has failed before.
        }
    }

    private void RefuseChange(string? changed)
    {
        if (changed is null)
            return;
        throw _script is null
            ? HistoryTable.Changed(session.History.TableName, changed)
            : new MigrationException(ScriptFailure.Of(_script, changed, HistoryTable.RemoveTrigger(session.History.TableName)));
    }

    // Waits on the session's own thread: the lock keeps new readers out, so its time must not depend on a thread pool that a starting
    // application may have starved.
    private bool TryCommit(RawSqlite sqlite, CancellationToken cancellationToken)
    {
        sqlite.WhenBusy(() => Refused("the commit"));
        try
        {
            return sqlite.TryExecute("COMMIT");
        }
        catch (SqliteFailure refused) when (refused.IsInterrupt && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (SqliteFailure violation) when (violation.Code == raw.SQLITE_CONSTRAINT && _script is not null)
        {
            // Only a deferred foreign key waits for the commit to be violated.
            throw new MigrationException(
                ScriptFailure.Of(_script, $"the commit failed: {violation.Message}", SqliteErrors.HintFor(violation, sqlite.Path)),
                violation);
        }
        finally
        {
            sqlite.WhenBusy(null);
            turn.Progress.Resume();
        }
    }

    private bool Refused(string what)
    {
        session.Now(SqliteActivity.WaitsToCommit);
        return turn.Progress.MayTryAgain(what);
    }

    private ScriptResult Execute(RawSqlite sqlite, Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        _script = script;
        var authorizer = new SqliteAuthorizer(session.History.TableName);
        var statements = new SqliteScript(sqlite, script, text, authorizer);
        var before = turn.ComparesViolationsOf == script.Version ? ForeignKeyCheck.All(sqlite) : null;
        Action remember = () => RememberHistory(authorizer);
        // One that outgrows the cache writes to the file before the commit.
        sqlite.WhenBusy(() => Refused("the exclusive lock on the database"));
        try
        {
            statements.Check();
            while (statements.MoveToNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                turn.Progress.Tell(Progress.Statement.Of(script, statements.Number, statements.Count, statements.Line));
                statements.Run(remember);
                if (SqliteFileForm.Missed(sqlite, authorizer.Pragma, authorizer.Setting) is { } missed)
                    turn.Progress.Tell(new Progress.Warned($"{script.At(statements.Line)}: {missed}"));
                turn.Progress.Resume();
            }
        }
        catch (SqliteFailure refused) when (refused.IsBusy || refused.IsInterrupt && !cancellationToken.IsCancellationRequested)
        {
            // Some locks are refused without asking the handler.
            if (session.Activity == SqliteActivity.Writes)
                Refused("a lock that the statement needs");
            return ScriptResult.LockNotGranted;
        }
        catch (SqliteFailure failure) when (!failure.IsInterrupt)
        {
            throw statements.Failed(failure);
        }
        finally
        {
            sqlite.WhenBusy(null);
            session.Renew |= authorizer.ChangedSession;
        }
        return script.Header.EnforceForeignKeys ? ScriptResult.Done : CheckForeignKeys(sqlite, script, authorizer, statements, before);
    }

    private void RememberHistory(SqliteAuthorizer authorizer)
    {
        if (authorizer.MayWriteToSchema)
            history.Remember();
    }

    /// <remarks>
    /// Violations may be older than the script. That is found out only if there are any: by running it once more, with a look before.
    /// </remarks>
    private ScriptResult CheckForeignKeys(
        RawSqlite sqlite,
        Migration script,
        SqliteAuthorizer authorizer,
        SqliteScript statements,
        Dictionary<ForeignKeyViolation, long>? before)
    {
        if (before is null)
        {
            if (!ForeignKeyCheck.MayHaveViolations(sqlite, authorizer))
                return ScriptResult.Done;
            turn.ComparesViolationsOf = script.Version;
            return ScriptResult.StartOver;
        }
        var broken = ForeignKeyCheck.New(sqlite, authorizer, before);
        return broken.Count == 0 ? ScriptResult.Done : throw statements.Failed(
            ForeignKeyCheck.Describe(broken),
            "Correct the data or the script. Foreign keys are not enforced while a script runs, and are checked before its commit.");
    }
}
