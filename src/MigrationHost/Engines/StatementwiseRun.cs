using System.Security.Cryptography;
using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>
/// Runs a script statement by statement: what can, commits together with the record that it is done; what cannot run in a transaction is
/// recorded before it begins, where that matters, and once more after it.
/// </summary>
/// <param name="watch">The watch over this run.</param>
/// <param name="script">The script.</param>
/// <param name="run">It, on its session.</param>
/// <param name="recordsWhatBegins">Whether a statement can be done although that is not recorded.</param>
internal sealed class StatementwiseRun(Watch watch, Migration script, IStatementRun run, bool recordsWhatBegins) : IAsyncDisposable
{
    private readonly IncrementalHash _done = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private HistoryEntry? _entry;
    private int _counted;
    private int _ranAlone;

    /// <summary>Goes on from where the history says, or from where the last attempt has come to.</summary>
    /// <param name="begun">What the history says.</param>
    /// <exception cref="MigrationException">A statement failed, or those that are done are no longer what the script says.</exception>
    public async Task<ScriptResult> RunAsync(HistoryEntry begun)
    {
        if (_entry is null && await ResumeAsync(begun).ConfigureAwait(false) is var resumed and not StatementResult.Done)
            return Meaning(resumed);
        foreach (var statement in run.Statements.Skip(_entry!.StatementsDone ?? 0))
        {
            watch.Token.ThrowIfCancellationRequested();
            watch.Tell(Progress.Statement.Of(script, statement.Number, run.Statements.Count, statement.Line));
            if (await RunOneAsync(statement).ConfigureAwait(false) is var result and not StatementResult.Done)
                return Meaning(result);
            watch.Advance();
        }
        await run.FinishAsync(watch.Token).ConfigureAwait(false);
        return ScriptResult.Done;
    }

    public async ValueTask DisposeAsync()
    {
        await run.DisposeAsync().ConfigureAwait(false);
        _done.Dispose();
    }

    private async Task<StatementResult> ResumeAsync(HistoryEntry begun)
    {
        var count = begun.StatementsDone ?? 0;
        foreach (var statement in run.Statements.Take(count))
            Count(statement);
        if (count > 0 && (run.Statements.Count < count || Checksum() != begun.DoneChecksum))
        {
            throw new MigrationException(ScriptFailure.Of(
                script,
                $"was interrupted after {PlaceText.Statements(count)}, and what was run is no longer there as it was",
                $"Restore {(count == 1 ? "the first statement" : $"the first {count} statements")} (what follows may be changed), "
                    + $"or run 'migrationhost resolve {script.Version} --retry' to run it from its first statement, "
                    + "or '--applied' once you have done the rest by hand."));
        }
        if (LostTables.Find(run.Statements.Take(count), run.Statements.Skip(count)) is var (reader, name, madeBy))
        {
            throw new MigrationException(ScriptFailure.At(
                script,
                reader.Line,
                reader.Utf8.Span,
                $"names {name}, the temporary table that statement {madeBy} had made in a session that has ended",
                $"Make it again, under another name, from statement {count + 1} on, and start again. "
                    + $"Or finish it by hand and run 'migrationhost resolve {script.Version} --applied'."));
        }
        var result = count == 0 ? StatementResult.Done : await run.SkipAsync(count, watch.Token).ConfigureAwait(false);
        _entry = result == StatementResult.Done ? begun : null;
        return result;
    }

    private async Task<StatementResult> RunOneAsync(IScriptStatement statement)
    {
        Count(statement);
        var (before, begunBefore) = (_entry!, _entry!.StatementBegun == statement.Number);
        var done = before with { StatementsDone = statement.Number, StatementBegun = null, DoneChecksum = Checksum() };
        var result = StatementResult.NeedsNoTransaction;
        if (!statement.NeedsNoTransaction && !begunBefore)
            result = await run.RunInTransactionAsync(statement, before, done, watch.Token).ConfigureAwait(false);
        if (result == StatementResult.NeedsNoTransaction)
            result = await RunAloneAsync(statement, begunBefore, done).ConfigureAwait(false);
        if (result == StatementResult.Done)
            _entry = done;
        return result;
    }

    private async Task<StatementResult> RunAloneAsync(IScriptStatement statement, bool begunBefore, HistoryEntry done)
    {
        if (_ranAlone == statement.Number)
            return await run.RecordAsync(_entry!, done, watch.Token).ConfigureAwait(false);
        if (recordsWhatBegins && !begunBefore
            && await RecordAsync(_entry! with { StatementBegun = statement.Number }).ConfigureAwait(false)
                is var begun and not StatementResult.Done)
            return begun;
        try
        {
            var result = await run.RunAloneAsync(statement, begunBefore, watch.Token).ConfigureAwait(false);
            if (result != StatementResult.Done)
                return result == StatementResult.NothingDone ? await NothingDoneAsync().ConfigureAwait(false) : result;
            _ranAlone = statement.Number;
            return await run.RecordAsync(_entry!, done, watch.Token).ConfigureAwait(false);
        }
        catch (StatementDidNothingException)
        {
            await NothingDoneAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<StatementResult> NothingDoneAsync()
    {
        if (recordsWhatBegins)
            await RecordAsync(_entry! with { StatementBegun = null }).ConfigureAwait(false);
        return StatementResult.LockNotGranted;
    }

    private async Task<StatementResult> RecordAsync(HistoryEntry entry)
    {
        var result = await run.RecordAsync(_entry!, entry, watch.Token).ConfigureAwait(false);
        _entry = result == StatementResult.Done ? entry : _entry;
        return result;
    }

    private void Count(IScriptStatement statement)
    {
        if (statement.Number <= _counted)
            return;
        _counted = statement.Number;
        _done.AppendData(statement.Utf8.Span);
        _done.AppendData([0]);
    }

    private string Checksum() => "sha256:" + Convert.ToHexStringLower(_done.GetCurrentHash());

    private static ScriptResult Meaning(StatementResult result) =>
        result == StatementResult.StartOver ? ScriptResult.StartOver : ScriptResult.LockNotGranted;
}
