using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>Settles what the history says of one migration.</summary>
internal sealed class Resolution(IMigrationDatabase database, PlanReader reader, MigrationSet set, string version, TimeProvider time)
{
    private readonly Migration? _script = set.Migrations.FirstOrDefault(script => script.Version == version);

    public async Task<Settled> RunAsync(Watch watch, IDatabaseSession session, Settlement how)
    {
        Find(await reader.ReadHistoryAsync(watch, session).ConfigureAwait(false), how);
        await using var turn = await reader.Access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        var history = await reader.ReadHistoryAsync(watch, session).ConfigureAwait(false);
        var entry = Find(history, how);
        var settled = entry with
        {
            Checksum = _script?.Checksum ?? entry.Checksum ?? "",
            Description = _script is not null && set.KeepsDescriptions ? _script.Description : entry.Description,
        };
        await reader.Access.WriteAsync(watch, turn, version, transaction => how switch
        {
            Settlement.Applied => transaction.RecordAsync(Now(settled) with { State = HistoryState.Applied }, watch.Token).AsTask(),
            Settlement.Changed => transaction.CorrectAsync(settled, watch.Token).AsTask(),
            _ => ForgetAsync(transaction, settled, history.Count, watch.Token),
        }).ConfigureAwait(false);
        return new Settled(version, _script?.File, entry.Checksum, settled.Checksum);
    }

    private async Task ForgetAsync(IMigrationTransaction transaction, HistoryEntry entry, int rows, CancellationToken cancellationToken)
    {
        await transaction.ForgetAsync(version, cancellationToken).ConfigureAwait(false);
        if (entry.AndAllBefore && set.Before(version) is { } before)
        {
            var last = Now(entry) with { Version = before, State = HistoryState.Applied };
            await transaction.RecordAsync(last, cancellationToken).ConfigureAwait(false);
        }
        else if (rows == 1)
        {
            // Without any row the next start would take what the attempt has left for what somebody else has put there.
            var nothingDone = Now(entry) with { StatementsDone = null, StatementBegun = null, DoneChecksum = null, AndAllBefore = false };
            await transaction.RecordAsync(nothingDone, cancellationToken).ConfigureAwait(false);
        }
    }

    private HistoryEntry Now(HistoryEntry entry) => entry with
    {
        Mark = null,
        AppliedAt = time.GetUtcNow(),
        AppliedBy = Instance.Name,
        DurationMs = entry.DurationMs ?? 0,
    };

    private HistoryEntry Find(IReadOnlyCollection<HistoryEntry> history, Settlement how) =>
        (how, history.FirstOrDefault(entry => entry.Version == version)) switch
        {
            (Settlement.Changed, { State: HistoryState.Applied } entry) => WhyNotChanged(entry) is { } why ? throw Nothing(why) : entry,
            (not Settlement.Changed, { State: HistoryState.Started } entry) => entry,
            (Settlement.Changed, { }) => throw Nothing($"version {version} was begun and is not applied"),
            (_, { } entry) => throw Nothing($"version {version} was applied{entry.When}"),
            (Settlement.Changed, null) => throw Nothing($"version {version} is not applied"),
            _ => throw Nothing($"version {version} was never begun"),
        };

    private string? WhyNotChanged(HistoryEntry entry) =>
        _script is null ? $"{set.Place} has no file of version {version}"
        : entry.Checksum is null || _script.Checksum is null ? $"the history of {database.Form.Owner} has no checksum of version {version}"
        : !set.HasChanged(_script, entry) ? $"{_script.File} has not changed since it was applied{entry.When}"
        : null;

    private static MigrationException Nothing(string why) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"there is nothing to resolve: {why}",
        Hint = "'migrationhost status' shows what is applied and pending.",
    });
}
