using System.Security.Cryptography;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Runs a script with <c>transaction=none</c>: each statement commits together with the record that it is done. Only PRAGMA, ATTACH, DETACH and VACUUM cannot, and these can be repeated.</summary>
internal sealed class SqliteStatementwise(SqliteSession session, RawSqlite sqlite, MigrationScript script, ScriptText text, TimeSpan lockAttempt, IRunProgress progress)
{
    private readonly SqliteAuthorizer _authorizer = new();
    private readonly IncrementalHash _done = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Dictionary<ForeignKeyViolation, long>? _violationsBefore;

    public ScriptResult Run(CancellationToken cancellationToken)
    {
        var statements = new SqliteScript(sqlite, script, text, _authorizer, progress);
        var entry = SqliteHistory.Find(sqlite, script.Version) ?? throw new InvalidOperationException($"version {script.Version} was not recorded as started");
        sqlite.EnforceForeignKeys(script.Header.EnforceForeignKeys);
        Resume(statements, entry.StatementsDone ?? 0, entry.DoneChecksum);
        sqlite.WaitForLocks(lockAttempt);
        try
        {
            while (statements.MoveToNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!RunOne(statements, entry))
                    return Refused(statements);
            }
        }
        catch (SqliteFailure refused) when (refused.IsBusy)
        {
            return Refused(statements);
        }
        catch (SqliteFailure failure) when (!failure.IsInterrupt)
        {
            throw statements.Failed(failure, HowToGoOn(statements.Number - 1));
        }
        finally
        {
            SqliteTransaction.RollBack(sqlite);
            sqlite.WaitForLocks(TimeSpan.Zero);
            session.Renew = true;
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
        if (inTransaction && !sqlite.TryExecute("BEGIN IMMEDIATE"))
            return false;
        statements.Run(LookForViolations);
        if (!inTransaction && !sqlite.TryExecute("BEGIN IMMEDIATE"))
            return false;
        Count(statements.Text);
        SqliteHistory.Write(sqlite, entry with { StatementsDone = statements.Number, DoneChecksum = Checksum() });
        return sqlite.TryExecute("COMMIT");
    }

    private void LookForViolations()
    {
        if (!script.Header.EnforceForeignKeys && _authorizer.Touched.Count > 0)
            _violationsBefore ??= ForeignKeyCheck.All(sqlite);
    }

    private ScriptResult Refused(SqliteScript statements)
    {
        session.Now(statements.NeedsNoTransaction ? SqliteActivity.WaitsForAll : SqliteActivity.WaitsToCommit);
        return ScriptResult.LockNotGranted;
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
