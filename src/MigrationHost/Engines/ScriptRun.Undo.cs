using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>The way back.</summary>
internal sealed partial class ScriptRun
{
    /// <summary>Undoes its migration, unless another instance was faster.</summary>
    /// <param name="before">The migration before it, which a history of one row is at then; null if there is none.</param>
    public Task UndoAsync(string? before) => WatchedAsync(
        () => IsStatementwise ? UndoStatementwiseAsync(before) : UndoInTransactionAsync(before),
        entry => Log.Undone(logger, watch.State.Name, entry.Version, entry.Description));

    private async Task<HistoryEntry> UndoInTransactionAsync(string? before)
    {
        var entry = await InTransactionAsync(
            async transaction => Find(transaction) is { IsUndoing: false }
                ? await BegunIfItStaysAsync(transaction).ConfigureAwait(false)
                : Find(transaction) ?? Entry(HistoryState.Applied, TimeSpan.Zero),
            async (transaction, duration) =>
            {
                await ForgetAsync(transaction, before).ConfigureAwait(false);
                return Entry(HistoryState.Applied, duration);
            }).ConfigureAwait(false);
        return entry.State == HistoryState.Applied ? entry : await UndoStatementwiseAsync(before).ConfigureAwait(false);
    }

    /// <summary>What undoes is resumed as what applies is: until it is done, the history has the migration as begun.</summary>
    private async Task<HistoryEntry> UndoStatementwiseAsync(string? before)
    {
        ScriptResult result;
        do
        {
            var begun = await WriteAsync(transaction => BeginUndoingAsync(transaction, before)).ConfigureAwait(false);
            if (begun is null)
                break;
            if (begun.StatementsDone is { } done and > 0)
                Log.Resuming(logger, watch.State.Name, script.Version, PlaceText.Statements(done));
            result = await RunStatementsAsync(begun).ConfigureAwait(false);
        }
        while (result == ScriptResult.StartOver);
        await WriteAsync(async transaction =>
        {
            await ForgetAsync(transaction, before).ConfigureAwait(false);
            return script;
        }).ConfigureAwait(false);
        return Entry(HistoryState.Applied, TimeSpan.Zero);
    }

    private async Task<HistoryEntry?> BeginUndoingAsync(IMigrationTransaction transaction, string? before)
    {
        if (Find(transaction) is not { } entry || entry.IsUndoing)
            return Find(transaction);
        await ForgetAsync(transaction, before).ConfigureAwait(false);
        var begun = entry with
        {
            Version = script.Version,
            State = HistoryState.Started,
            AndAllBefore = false,
            AppliedAt = time.GetUtcNow(),
            DurationMs = entry.DurationMs ?? 0,
            AppliedBy = $"{HistoryEntry.Down}{Instance.Name}",
            StatementsDone = null,
            DoneChecksum = null,
        };
        await transaction.RecordAsync(begun, _token).ConfigureAwait(false);
        return begun;
    }

    private async Task ForgetAsync(IMigrationTransaction transaction, string? before)
    {
        var entry = Find(transaction);
        await transaction.ForgetAsync(script.Version, _token).ConfigureAwait(false);
        if (entry is { AndAllBefore: true } && before is not null)
        {
            var last = entry with { Version = before, State = HistoryState.Applied, Mark = null, AppliedAt = time.GetUtcNow() };
            await transaction.RecordAsync(last, _token).ConfigureAwait(false);
        }
    }

    private HistoryEntry? Find(IMigrationTransaction transaction) =>
        transaction.Known.FirstOrDefault(known => known.Version == script.Version);
}
