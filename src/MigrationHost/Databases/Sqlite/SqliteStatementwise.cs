using System.Security.Cryptography;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Runs a script with <c>transaction=none</c>: each statement commits together with the record that it is done. Only PRAGMA,
/// ATTACH, DETACH and VACUUM cannot, and these can be repeated.</summary>
internal sealed class SqliteStatementwise(
    SqliteSession session, RawSqlite sqlite, MigrationScript script, ScriptText text, IRunProgress progress)
{
    private readonly SqliteAuthorizer _authorizer = new();
    private readonly IncrementalHash _done = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Dictionary<ForeignKeyViolation, long>? _violationsBefore;

    // What is waited for if the next call is refused; null for a statement that runs by itself.
    private (SqliteActivity Activity, string What)? _waits;

    public ScriptResult Run(CancellationToken cancellationToken)
    {
        var statements = new SqliteScript(sqlite, script, text, _authorizer, progress);
        sqlite.WhenBusy(() => Refused(statements));
        try
        {
            statements.Check();
            return Run(statements, cancellationToken);
        }
        catch (SqliteFailure refused) when (refused.IsBusy || refused.IsInterrupt && !cancellationToken.IsCancellationRequested)
        {
            return NotGranted(statements);
        }
        catch (SqliteFailure failure) when (!failure.IsInterrupt && statements.Number > 0)
        {
            throw statements.Failed(failure, HowToGoOn(failure));
        }
        finally
        {
            SqliteTransaction.RollBack(sqlite);
            session.RolledBack();
            sqlite.WhenBusy(null);
            session.Renew = true;
        }
    }

    private ScriptResult Run(SqliteScript statements, CancellationToken cancellationToken)
    {
        var entry = SqliteHistory.Find(sqlite, script.Version)
            ?? throw new InvalidOperationException($"version {script.Version} was not recorded as started");
        if (entry.State == HistoryState.Applied)
            return ScriptResult.Done;
        sqlite.EnforceForeignKeys(script.Header.EnforceForeignKeys);
        Resume(statements, entry.StatementsDone ?? 0, entry.DoneChecksum);
        while (statements.MoveToNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            session.Now(SqliteActivity.Writes);
            if (RunOne(statements, entry) is var result and not ScriptResult.Done)
                return result;
        }
        CheckForeignKeys(statements);
        return ScriptResult.Done;
    }

    /// <summary>Goes behind what an earlier start has done. What that said to its own session is said again: it is gone with the
    /// session.</summary>
    private void Resume(SqliteScript statements, int count, string? checksum)
    {
        if (count == 0)
            return;
        var all = SqliteSplitter.Split(text.Utf8);
        var done = all.Take(count).ToArray();
        foreach (var range in done)
            Count(text.Utf8[range]);
        if (done.Length < count || Checksum() != checksum)
        {
            throw statements.Failed(
                $"was interrupted after {count} statements, and these are no longer what was run",
                $"Restore the first {count} statements (what follows may be changed), "
                + $"or say 'migrationhost resolve {script.Version} --retry' to run it from its first statement, "
                + "or '--applied' once you have done the rest by hand.");
        }
        statements.Skip(done);
        foreach (var range in done)
        {
            if (SqliteScript.IsSessionStatement(text.Utf8[range]))
                sqlite.Execute(System.Text.Encoding.UTF8.GetString(text.Utf8[range]));
        }
    }

    private ScriptResult RunOne(SqliteScript statements, HistoryEntry entry)
    {
        SqliteHistoryGuard? history = null;
        if (!statements.NeedsNoTransaction)
        {
            if (TryBegin(statements, out history) is var begun and not ScriptResult.Done)
                return begun;
            statements.Run(() => LookAhead(history!));
        }
        else if (!TryRunAlone(statements))
            return ScriptResult.LockNotGranted;
        if (history is null && TryBegin(statements, out history) is var after and not ScriptResult.Done)
            return after;
        Count(statements.Text);
        if (history!.Write(entry with { StatementsDone = statements.Number, DoneChecksum = Checksum() }) is { } changed)
            throw statements.Failed(changed, HistoryTable.RemoveTrigger);
        _waits = (SqliteActivity.WaitsToCommit, "the commit");
        return sqlite.TryExecute("COMMIT") ? ScriptResult.Done : NotGranted(statements);
    }

    /// <summary>Looks again, under the lock: where somebody has removed the file that says whose turn it is, another instance may be at the
    /// same script, and this one begins anew behind what that has done.</summary>
    private ScriptResult TryBegin(SqliteScript statements, out SqliteHistoryGuard? history)
    {
        history = null;
        _waits = (SqliteActivity.WaitsToWrite, "the write lock");
        if (!sqlite.TryExecute("BEGIN IMMEDIATE"))
            return NotGranted(statements);
        _waits = (SqliteActivity.WaitsToCommit, "the exclusive lock on the database");
        history = new SqliteHistoryGuard(sqlite, script.Version);
        return history.Known is { State: HistoryState.Started } now && (now.StatementsDone ?? 0) == statements.Number - 1
            ? ScriptResult.Done
            : ScriptResult.StartOver;
    }

    // SQLite asks the handler for some of the locks that these need, and refuses others at once: a change of the journal mode, for one.
    private bool TryRunAlone(SqliteScript statements)
    {
        _waits = null;
        do
        {
            try
            {
                statements.Run(LookForViolations);
                return true;
            }
            catch (SqliteFailure refused) when (refused.IsBusy)
            {
                // Tried again below, for as long as an attempt may take.
            }
        }
        while (Refused(statements));
        return false;
    }

    private void LookAhead(SqliteHistoryGuard history)
    {
        if (_authorizer.MayWriteToSchema)
            history.Remember();
        LookForViolations();
    }

    private void LookForViolations()
    {
        if (!script.Header.EnforceForeignKeys && _authorizer.Touched.Count > 0)
            _violationsBefore ??= ForeignKeyCheck.All(sqlite);
    }

    // Whoever was refused waits for something, with words, whether SQLite has asked the handler or not.
    private ScriptResult NotGranted(SqliteScript statements)
    {
        if (session.Activity == SqliteActivity.Writes)
            Refused(statements);
        return ScriptResult.LockNotGranted;
    }

    private bool Refused(SqliteScript statements)
    {
        var (activity, what) = _waits ?? WaitOfItsOwn(statements);
        session.Now(activity);
        return progress.MayTryAgain(what);
    }

    private (SqliteActivity, string) WaitOfItsOwn(SqliteScript statements) => _authorizer.Pragma switch
    {
        "journal_mode" => (SqliteActivity.WaitsForAll, "sole use of the database, to change its journal mode"),
        "wal_checkpoint" => (SqliteActivity.WaitsToCheckpoint, "the checkpoint"),
        _ when statements.IsVacuum => (SqliteActivity.WaitsToVacuum, "the locks that VACUUM needs"),
        _ when statements.IsAttach => (SqliteActivity.Writes, "a lock on the database to attach"),
        _ => (SqliteActivity.WaitsToCommit, "the lock that the statement needs"),
    };

    private void CheckForeignKeys(SqliteScript statements)
    {
        if (_violationsBefore is null || ForeignKeyCheck.New(sqlite, _authorizer, _violationsBefore) is not { Count: > 0 } broken)
            return;
        throw statements.Failed(
            ForeignKeyCheck.Describe(broken),
            $"All its statements are committed. Correct the data, then say 'migrationhost resolve {script.Version} --applied'.");
    }

    private string HowToGoOn(SqliteFailure failure)
    {
        var repair = failure.IsOfTheFile
            ? SqliteErrors.HintFor(failure, sqlite.Path)
            : "Correct the script from there on and start again.";
        return $"The failed statement was rolled back unless it is a PRAGMA, ATTACH or VACUUM. {repair} "
            + $"Or finish it by hand and say 'migrationhost resolve {script.Version} --applied', "
            + $"or 'resolve {script.Version} --retry' to run it from its first statement.";
    }

    private void Count(ReadOnlySpan<byte> statement)
    {
        _done.AppendData(statement);
        _done.AppendData([0]);
    }

    private string Checksum() => "sha256:" + Convert.ToHexStringLower(_done.GetCurrentHash());
}
