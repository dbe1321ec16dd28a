using System.Security.Cryptography;
using System.Text;
using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Runs a script with <c>transaction=none</c>: what can, commits together with the record that it is done; what cannot run in a transaction is recorded before it begins and once more after it.</summary>
internal sealed class PostgreSqlStatementwise(PostgreSqlTurn turn, MigrationScript script, ScriptText text)
{
    private const string MayHaveLeft =
        " as far as the server can: look for what it may have left, such as an INVALID index, which the next start drops and builds again";

    private readonly IncrementalHash _done = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly PostgreSqlConnection _work = turn.Session.Work;
    private readonly PostgreSqlHistory _history = turn.Session.History;
    private readonly SessionSettings _asked = turn.Session.Database.Asked;
    private readonly ConcurrentIndexes _indexes = new(turn, script);

    /// <exception cref="MigrationException">A statement failed, or what is done already is not what the script says.</exception>
    public async Task<ScriptResult> RunAsync(CancellationToken cancellationToken)
    {
        var statements = PostgreSqlScript.Read(script, text, _work.StandardStrings, _history.Schema);
        var entry = await _history.FindAsync(_work, script.Version, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"version {script.Version} was not recorded as started");
        await ResumeAsync(statements, entry, cancellationToken).ConfigureAwait(false);
        turn.SessionChanged = true;
        foreach (var statement in statements.All.Skip(entry.StatementsDone ?? 0))
        {
            turn.Progress.Tell(new Progress.Statement(statement.Number, statements.All.Count, statement.Line));
            try
            {
                entry = await RunOneAsync(statements, statement, entry, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
            {
                return ScriptResult.LockNotGranted;
            }
            catch (PostgresException refused)
            {
                throw statements.Failed(statement, refused, HowToGoOn(statement));
            }
        }
        return ScriptResult.Done;
    }

    /// <summary>Goes behind what an earlier start has done. What that said to its own session is said again: it is gone with the session.</summary>
    private async Task ResumeAsync(PostgreSqlScript statements, HistoryEntry entry, CancellationToken cancellationToken)
    {
        var count = entry.StatementsDone ?? 0;
        foreach (var statement in statements.All.Take(count))
            Count(statement);
        if (count > 0 && (statements.All.Count < count || Checksum() != entry.DoneChecksum))
        {
            throw statements.Failed(
                $"was interrupted after {count} statements, and these are no longer what was run",
                $"Restore the first {count} statements (what follows may be changed), or say 'migrationhost resolve {script.Version} --retry' to run it from its first statement, or '--applied' once you have done the rest by hand.");
        }
        foreach (var statement in statements.All.Take(count).Where(statement => statement.IsSetting))
        {
            try
            {
                await _work.ExecuteAsync(cancellationToken, [statement.Text, .. _asked.After(statement)]).ConfigureAwait(false);
            }
            catch (PostgresException refused)
            {
                throw statements.Failed(statement, refused, HowToGoOn(statement));
            }
        }
    }

    private async Task<HistoryEntry> RunOneAsync(PostgreSqlScript statements, PostgreSqlStatement statement, HistoryEntry entry, CancellationToken cancellationToken)
    {
        var begunBefore = entry.StatementBegun == statement.Number;
        Count(statement);
        var done = entry with { StatementsDone = statement.Number, StatementBegun = null, DoneChecksum = Checksum() };
        if (!statement.NeedsNoTransaction && !begunBefore && await TryInTransactionAsync(statements, statement, done, cancellationToken).ConfigureAwait(false))
            return done;

        if (begunBefore && !statement.CanBeRepeated && !statement.IsConcurrent)
            await SettleBrokenAsync(statements, statement, cancellationToken).ConfigureAwait(false);
        else
        {
            await RecordAsync(entry with { StatementBegun = statement.Number }, cancellationToken).ConfigureAwait(false);
            try
            {
                await RunAloneAsync(statements, statement, begunBefore, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException gone) when (begunBefore && statement.Begins("DROP") && PostgreSqlErrors.IsDoneAlready(gone))
            {
                WasDone(statement, gone);
            }
            catch (PostgresException refused) when (statement.TellsWhenDone || PostgreSqlErrors.IsDoneAlready(refused))
            {
                // It has done nothing: the next start must not take what was there already for its work.
                await RecordAsync(entry with { StatementBegun = null }, cancellationToken).ConfigureAwait(false);
                throw;
            }
        }
        await RecordAsync(done, cancellationToken).ConfigureAwait(false);
        return done;
    }

    /// <summary>The statement and its record commit together.</summary>
    /// <returns>False: it turned out that it cannot run in a transaction.</returns>
    private async Task<bool> TryInTransactionAsync(
        PostgreSqlScript statements,
        PostgreSqlStatement statement,
        HistoryEntry done,
        CancellationToken cancellationToken)
    {
        try
        {
            PostgreSqlCommand[] begin = ["BEGIN", PostgreSqlSql.LockTimeout(statement.WaitsWithoutHarm ? TimeSpan.Zero : turn.Progress.LockAttempt)];
            var before = await HistoryGuard.BeginAsync(_work, _history, begin, cancellationToken).ConfigureAwait(false);
            await WorkAsync(statement.Number, [statement.Text, .. _asked.After(statement)], cancellationToken).ConfigureAwait(false);
            statements.RefuseOtherEncoding(statement, _work);
            var untouched = false;
            await WorkAsync(
                statement.Number,
                async token => untouched = await HistoryGuard.IsUntouchedAsync(_work, _history, before, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            if (!untouched)
                throw statements.Failed(statement, HistoryGuard.Changed, $"{HistoryTable.UseResolve} {HowToGoOn(statement)}");
            await WorkAsync(statement.Number, [.. _asked.AsConnected, .. await _history.ToWriteAsync(_work, done, cancellationToken).ConfigureAwait(false), "COMMIT"], cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException needsNone) when (needsNone.SqlState is PostgresErrorCodes.ActiveSqlTransaction or PostgresErrorCodes.InvalidTransactionTermination)
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            return false;
        }
        catch (Exception)
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RunAloneAsync(PostgreSqlScript statements, PostgreSqlStatement statement, bool begunBefore, CancellationToken cancellationToken)
    {
        if (statement.BuildsIndexConcurrently && begunBefore && await _indexes.IsBuiltAsync(statements, statement, cancellationToken).ConfigureAwait(false))
            return;
        await _work.ExecuteAsync(cancellationToken, PostgreSqlSql.SessionLockTimeout(statement.WaitsWithoutHarm ? TimeSpan.Zero : turn.Progress.LockAttempt)).ConfigureAwait(false);
        try
        {
            await WorkAsync(statement.Number, [statement.Text, .. _asked.After(statement)], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!_work.IsBroken)
                await _work.ExecuteAsync(CancellationToken.None, PostgreSqlSql.SessionLockTimeout(TimeSpan.Zero)).ConfigureAwait(false);
        }
        if (statement.BuildsIndexConcurrently)
            await _indexes.RefuseInvalidAsync(statements, statement, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A break has left open whether a statement was done. Running it once more tells, where it creates or drops something: the server says that this is so already.</summary>
    private async Task SettleBrokenAsync(PostgreSqlScript statements, PostgreSqlStatement statement, CancellationToken cancellationToken)
    {
        if (!statement.TellsWhenDone)
        {
            throw statements.Failed(
                statement,
                "was under way when an earlier start was ended, outside a transaction, and what of it is done cannot be seen",
                $"Look at what it has done. Then say 'migrationhost resolve {script.Version} --applied' once the rest is done by hand, or '--retry' to run the script from its first statement.");
        }
        try
        {
            await WorkAsync(statement.Number, [statement.Text], cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException already) when (PostgreSqlErrors.IsDoneAlready(already))
        {
            WasDone(statement, already);
        }
    }

    private void WasDone(PostgreSqlStatement statement, PostgresException already) =>
        turn.Progress.Tell(new Progress.Said("NOTICE", $"statement {statement.Number} of {script.File} was done before an earlier start was ended: {already.MessageText}"));

    private async Task RecordAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            await _work.ExecuteAsync(cancellationToken, ["BEGIN", .. _asked.AsConnected, .. await _history.ToWriteAsync(_work, entry, cancellationToken).ConfigureAwait(false), "COMMIT"]).ConfigureAwait(false);
        }
        catch (Exception)
        {
            await _work.TryRollBackAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Task WorkAsync(int number, PostgreSqlCommand[] statements, CancellationToken cancellationToken) =>
        WorkAsync(number, token => _work.ExecuteAsync(token, statements), cancellationToken);

    private async Task WorkAsync(int number, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var time = turn.Session.Database.Time;
        var began = time.GetTimestamp();
        try
        {
            await turn.WorkAsync(number, work, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            turn.Progress.Tell(new Progress.LockRefused(time.GetElapsedTime(began)));
            throw;
        }
    }

    private string HowToGoOn(PostgreSqlStatement failed) =>
        $"The failed statement was rolled back{(failed.NeedsNoTransaction ? MayHaveLeft : "")}. Correct the script from there on and start again. "
        + $"Or finish it by hand and say 'migrationhost resolve {script.Version} --applied', "
        + $"or 'resolve {script.Version} --retry' to run it from its first statement.";

    private void Count(PostgreSqlStatement statement)
    {
        _done.AppendData(Encoding.UTF8.GetBytes(statement.Text));
        _done.AppendData([0]);
    }

    private string Checksum() => "sha256:" + Convert.ToHexStringLower(_done.GetCurrentHash());
}
