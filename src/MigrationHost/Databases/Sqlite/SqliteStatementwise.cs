using System.Security.Cryptography;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Runs a script with <c>transaction=none</c>: each statement commits together with the record that it is done. Only PRAGMA, ATTACH, DETACH and VACUUM cannot, and these can be repeated.</summary>
internal sealed class SqliteStatementwise(SqliteSession session, RawSqlite sqlite, MigrationScript script, ScriptText text, IRunProgress progress)
{
    private readonly SqliteAuthorizer _authorizer = new();
    private readonly IncrementalHash _done = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Dictionary<ForeignKeyViolation, long>? _violationsBefore;

    public ScriptResult Run(CancellationToken cancellationToken)
    {
        var statements = new SqliteScript(sqlite, script, text, _authorizer, progress);
        sqlite.WhenBusy(() => Refused(statements));
        try
        {
            return Run(statements, cancellationToken);
        }
        catch (SqliteFailure refused) when (refused.IsBusy || refused.IsInterrupt && !cancellationToken.IsCancellationRequested)
        {
            return ScriptResult.LockNotGranted;
        }
        catch (SqliteFailure failure) when (!failure.IsInterrupt && statements.Number > 0)
        {
            throw statements.Failed(failure, HowToGoOn(statements.Number - 1));
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
        var entry = SqliteHistory.Find(sqlite, script.Version) ?? throw new InvalidOperationException($"version {script.Version} was not recorded as started");
        if (entry.State == HistoryState.Applied)
            return ScriptResult.Done;
        sqlite.EnforceForeignKeys(script.Header.EnforceForeignKeys);
        Resume(statements, entry.StatementsDone ?? 0, entry.DoneChecksum);
        while (statements.MoveToNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            session.Now(SqliteActivity.Writes);
            if (!RunOne(statements, entry))
                return ScriptResult.LockNotGranted;
        }
        CheckForeignKeys(statements);
        return ScriptResult.Done;
    }

    /// <summary>Goes behind what an earlier start has done. What that said to its own session is said again: it is gone with the session.</summary>
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
                $"Restore the first {count} statements (what follows may be changed), or say 'migrationhost resolve {script.Version} --retry' to run it from its first statement, or '--applied' once you have done the rest by hand.");
        }
        statements.Skip(done);
        foreach (var range in done)
        {
            if (SqliteScript.IsSessionStatement(text.Utf8[range]))
                sqlite.Execute(System.Text.Encoding.UTF8.GetString(text.Utf8[range]));
        }
    }

    private bool RunOne(SqliteScript statements, HistoryEntry entry)
    {
        var inTransaction = !statements.NeedsNoTransaction;
        if (inTransaction && !TryBegin(statements))
            return false;
        statements.Run(LookForViolations);
        if (!inTransaction && !TryBegin(statements))
            return false;
        Count(statements.Text);
        SqliteHistory.Write(sqlite, entry with { StatementsDone = statements.Number, DoneChecksum = Checksum() });
        return sqlite.TryExecute("COMMIT");
    }

    /// <summary>Looks again, under the lock: where somebody has removed the file that says whose turn it is, another instance may be at the same script, and this one begins anew behind what that has done.</summary>
    private bool TryBegin(SqliteScript statements) =>
        sqlite.TryExecute("BEGIN IMMEDIATE")
        && SqliteHistory.Find(sqlite, script.Version) is { State: HistoryState.Started } now
        && (now.StatementsDone ?? 0) == statements.Number - 1;

    private void LookForViolations()
    {
        if (!script.Header.EnforceForeignKeys && _authorizer.Touched.Count > 0)
            _violationsBefore ??= ForeignKeyCheck.All(sqlite);
    }

    private bool Refused(SqliteScript statements)
    {
        session.Now(statements.NeedsNoTransaction ? SqliteActivity.WaitsForAll : sqlite.InTransaction ? SqliteActivity.WaitsToCommit : SqliteActivity.WaitsToWrite);
        return progress.Refused("others to let the statement write");
    }

    private void CheckForeignKeys(SqliteScript statements)
    {
        if (_violationsBefore is null || ForeignKeyCheck.New(sqlite, _authorizer, _violationsBefore) is not { Count: > 0 } broken)
            return;
        throw statements.Failed(
            ForeignKeyCheck.Describe(broken),
            $"All its statements are committed. Correct the data, then say 'migrationhost resolve {script.Version} --applied'.");
    }

    private string HowToGoOn(int done) =>
        $"{(done == 0 ? "Nothing of it is done" : $"Statements 1 to {done} are done and recorded")}; the failed one was rolled back unless it is a PRAGMA, ATTACH or VACUUM. "
        + $"Correct the script from there on and start again: it goes on with statement {done + 1}. "
        + $"Or finish it by hand and say 'migrationhost resolve {script.Version} --applied', or 'resolve {script.Version} --retry' to run it from its first statement.";

    private void Count(ReadOnlySpan<byte> statement)
    {
        _done.AppendData(statement);
        _done.AppendData([0]);
    }

    private string Checksum() => "sha256:" + Convert.ToHexStringLower(_done.GetCurrentHash());
}
