using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// A script with <c>transaction=none</c> on the session's thread. Only PRAGMA, ATTACH, DETACH and VACUUM cannot
/// run in a transaction, and these can be repeated.
/// </summary>
internal sealed class SqliteStatementRun : IStatementRun
{
    private readonly SqliteSession _session;
    private readonly SqliteTurn _turn;
    private readonly RawSqlite _sqlite;
    private readonly Migration _script;
    private readonly ScriptText _text;
    private readonly SqliteAuthorizer _authorizer;
    private readonly SqliteScript _statements;
    private readonly List<SqliteStatement> _all;
    private Dictionary<ForeignKeyViolation, long>? _violationsBefore;

    // What is waited for if the next call is refused; null for a statement that runs by itself.
    private (SqliteActivity Activity, string What)? _waits;

    /// <exception cref="MigrationException">The script cannot be run.</exception>
    public SqliteStatementRun(SqliteSession session, SqliteTurn turn, RawSqlite sqlite, Migration script, ScriptText text)
    {
        (_session, _turn, _sqlite, _script, _text) = (session, turn, sqlite, script, text);
        _authorizer = new SqliteAuthorizer(session.History.TableName);
        _statements = new SqliteScript(sqlite, script, text, _authorizer);
        _statements.Check();
        _all = _statements.List();
        sqlite.EnforceForeignKeys(script.Header.EnforceForeignKeys);
        sqlite.WhenBusy(Refused);
    }

    public IReadOnlyList<IScriptStatement> Statements => _all;

    public ValueTask<StatementResult> SkipAsync(int count, CancellationToken cancellationToken) => RunAsync(
        () =>
        {
            foreach (var statement in _all.Take(count))
            {
                _statements.Skip(statement);
                if (SqliteScript.IsSessionStatement(statement.Utf8.Span))
                    _sqlite.Execute(Encoding.UTF8.GetString(statement.Utf8.Span));
            }
            _sqlite.WaitAsBefore();
            return StatementResult.Done;
        },
        cancellationToken);

    public ValueTask<StatementResult> RunInTransactionAsync(
        IScriptStatement statement, HistoryEntry before, HistoryEntry done, CancellationToken cancellationToken) => RunAsync(
        () =>
        {
            MoveTo(statement);
            if (TryBegin(before, out var history) is var begun and not StatementResult.Done)
                return begun;
            _statements.Run(() => LookAhead(history!));
            return Commit(history!, done);
        },
        cancellationToken);

    // SQLite asks the handler for some of the locks that these need, and refuses others at once: a change of the journal mode, for one.
    public ValueTask<StatementResult> RunAloneAsync(IScriptStatement statement, bool begunBefore, CancellationToken cancellationToken) =>
        RunAsync(
            () =>
            {
                MoveTo(statement);
                _waits = null;
                do
                {
                    try
                    {
                        _statements.Run(LookForViolations);
                        return StatementResult.Done;
                    }
                    catch (SqliteFailure refused) when (refused.IsBusy)
                    {
                        // Tried again below, for as long as an attempt may take.
                    }
                }
                while (Refused());
                return StatementResult.LockNotGranted;
            },
            cancellationToken);

    public ValueTask<StatementResult> RecordAsync(HistoryEntry before, HistoryEntry done, CancellationToken cancellationToken) => RunAsync(
        () => TryBegin(before, out var history) is var begun and not StatementResult.Done ? begun : Commit(history!, done),
        cancellationToken);

    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (_violationsBefore is null)
            return;
        var broken = await _session.RunAsync(
            sqlite => ForeignKeyCheck.New(sqlite, _authorizer, _violationsBefore), cancellationToken).ConfigureAwait(false);
        if (broken.Count > 0)
        {
            throw _statements.Failed(
                ForeignKeyCheck.Describe(broken),
                $"All its statements are committed. Correct the data, then run 'migrationhost resolve {_script.Version} --applied'.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _session.RunAsync(
            sqlite =>
            {
                SqliteTransaction.RollBack(sqlite);
                sqlite.WhenBusy(null);
            },
            CancellationToken.None).ConfigureAwait(false);
        _session.RolledBack();
        _session.Renew = true;
    }

    private async ValueTask<StatementResult> RunAsync(Func<StatementResult> work, CancellationToken cancellationToken) =>
        await _session.RunAsync(
            _ =>
            {
                try
                {
                    _session.Now(SqliteActivity.Writes);
                    var result = work();
                    return result == StatementResult.Done ? result : GiveWay(result);
                }
                catch (SqliteFailure refused) when (refused.IsBusy || refused.IsInterrupt && !cancellationToken.IsCancellationRequested)
                {
                    return GiveWay(NotGranted());
                }
                catch (SqliteFailure failure) when (!failure.IsInterrupt)
                {
                    throw _statements.Failed(failure, HowToGoOn(failure));
                }
            },
            _turn.Progressed,
            cancellationToken).ConfigureAwait(false);

    // While the next attempt is put off, nothing is held that others may wait for.
    private StatementResult GiveWay(StatementResult result)
    {
        SqliteTransaction.RollBack(_sqlite);
        _session.RolledBack();
        return result;
    }

    // What is executed is cut by sqlite3_prepare itself: if it sees another statement there than
    // the one that is to be recorded, nothing may run.
    private void MoveTo(IScriptStatement statement)
    {
        if (_statements.Number < statement.Number && !_statements.MoveToNext() || _statements.Number != statement.Number)
            throw new InvalidOperationException($"{_script.File}: statement {statement.Number} is not where it was found");
    }

    /// <summary>
    /// Looks again, under the lock: if somebody has removed the file that says whose turn it is, another instance may be at the same
    /// script, and this one begins anew behind what that has done.
    /// </summary>
    private StatementResult TryBegin(HistoryEntry before, out SqliteHistoryGuard? history)
    {
        history = null;
        _waits = (SqliteActivity.WaitsToWrite, "the write lock");
        if (!_sqlite.TryExecute("BEGIN IMMEDIATE"))
            return NotGranted();
        _waits = (SqliteActivity.WaitsToCommit, "the exclusive lock on the database");
        history = new SqliteHistoryGuard(_sqlite, _session.History, _script.Version);
        var unchanged = history.Known.Any(
            known => known.State == HistoryState.Started && (known.StatementsDone ?? 0) == (before.StatementsDone ?? 0));
        return unchanged ? StatementResult.Done : StatementResult.StartOver;
    }

    private StatementResult Commit(SqliteHistoryGuard history, HistoryEntry done)
    {
        if (history.Write(done) is { } changed)
            throw _statements.Failed(changed, HistoryTable.RemoveTrigger(_session.History.TableName));
        _waits = (SqliteActivity.WaitsToCommit, "the commit");
        return _sqlite.TryExecute("COMMIT") ? StatementResult.Done : NotGranted();
    }

    private void LookAhead(SqliteHistoryGuard history)
    {
        if (_authorizer.MayWriteToSchema)
            history.Remember();
        LookForViolations();
    }

    private void LookForViolations()
    {
        if (!_script.Header.EnforceForeignKeys && _authorizer.Touched.Count > 0)
            _violationsBefore ??= ForeignKeyCheck.All(_sqlite);
    }

    // Whoever was refused waits for something, with words, whether SQLite has asked the handler or not.
    private StatementResult NotGranted()
    {
        if (_session.Activity == SqliteActivity.Writes)
            Refused();
        return StatementResult.LockNotGranted;
    }

    private bool Refused()
    {
        var (activity, what) = _waits ?? WaitOfItsOwn();
        _session.Now(activity);
        return _turn.Progress.MayTryAgain(what);
    }

    private (SqliteActivity, string) WaitOfItsOwn() => _authorizer.Pragma switch
    {
        "journal_mode" => (SqliteActivity.WaitsForAll, "sole use of the database, to change its journal mode"),
        "wal_checkpoint" => (SqliteActivity.WaitsToCheckpoint, "the checkpoint"),
        _ when _statements.IsVacuum => (SqliteActivity.WaitsToVacuum, "the locks that VACUUM needs"),
        _ when _statements.IsAttach => (SqliteActivity.Writes, "a lock on the database to attach"),
        _ => (SqliteActivity.WaitsToCommit, "the lock that the statement needs"),
    };

    private string HowToGoOn(SqliteFailure failure)
    {
        var repair = failure.IsOfTheFile
            ? SqliteErrors.HintFor(failure, _sqlite.Path)
            : "Correct the script from there on and start again.";
        return $"The failed statement was rolled back unless it is a PRAGMA, ATTACH or VACUUM. {repair} "
            + $"Or finish it by hand and run 'migrationhost resolve {_script.Version} --applied', "
            + $"or 'resolve {_script.Version} --retry' to run it from its first statement.";
    }
}
