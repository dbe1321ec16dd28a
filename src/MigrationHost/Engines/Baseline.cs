using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Begins the history of a database that has been migrated by other means: everything up to a version is recorded as applied and
/// not run.</summary>
internal sealed class Baseline(
    IMigrationDatabase database,
    DatabaseAccess access,
    FirstStart firstStart,
    MigrationSet set,
    string version,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>Stands before the instance in <c>applied_by</c>, so that these rows are known for what they are.</summary>
    private const string By = "baseline";

    // What repeats is there already, as what it depends on is; another tool may see that otherwise.
    private readonly List<Migration> _scripts =
    [
        .. set.Migrations.Where(script =>
            set.Order.Compare(script.Version, version) <= 0 || script.Repeats && database.Form.RecordsRepeatables),
    ];

    /// <param name="watch">The watch over this run.</param>
    /// <param name="session">The open database.</param>
    /// <param name="dryRun">Whether only to look; the state then shows what would be.</param>
    /// <exception cref="MigrationException">There is a history already, or no such version.</exception>
    public async Task RunAsync(Watch watch, IDatabaseSession session, bool dryRun)
    {
        if (!_scripts.Exists(script => script.Version == version && !script.Repeats))
        {
            throw Mismatch(
                $"version {version}: {set.Place} has no such migration{set.Nearest(version)}",
                "Name the last migration that the database has already.");
        }
        await RefuseHistoryAsync(watch, session).ConfigureAwait(false);
        await firstStart.RefuseHistoryElsewhereAsync(watch, session, set.Migrations).ConfigureAwait(false);
        if ((await firstStart.ReadTablesAsync(watch, session).ConfigureAwait(false)).All(table => table.Elsewhere))
            Log.Warning(logger, watch.State.Name, $"{database.Target} has no tables: what these migrations made is not there");

        var entries = _scripts.Select(Entry).ToList();
        if (!dryRun)
            await RecordAsync(watch, session, entries).ConfigureAwait(false);
        watch.State.See(MigrationPlanner.Plan(set, entries).View);
    }

    private async Task RecordAsync(Watch watch, IDatabaseSession session, List<HistoryEntry> entries)
    {
        watch.State.Enter(MigrationPhase.WaitingForTurn);
        await using var turn = await access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        await RefuseHistoryAsync(watch, session).ConfigureAwait(false);
        watch.State.Enter(MigrationPhase.Migrating);
        await access.WriteAsync(watch, turn, version, async transaction =>
        {
            foreach (var entry in entries)
                await transaction.RecordAsync(entry, watch.Token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        Log.Baselined(logger, watch.State.Name, version, entries.Count);
    }

    private async Task RefuseHistoryAsync(Watch watch, IDatabaseSession session)
    {
        if (await access.ReadHistoryAsync(watch, session).ConfigureAwait(false) is { Count: > 0 } history)
        {
            var count = history.Count == 1 ? "1 migration" : $"{history.Count} migrations";
            throw Mismatch(
                $"{database.Target} has a history already: {count}, "
                    + $"the last is version {history.Select(entry => entry.Version).Max(set.Order)}",
                "A baseline is for a database that has none. 'migrationhost status' shows what is applied and pending.");
        }
    }

    private HistoryEntry Entry(Migration script) => new()
    {
        Version = script.Version,
        Description = script.Description,
        Checksum = script.Checksum,
        AppliedAt = time.GetUtcNow(),
        DurationMs = 0,
        AppliedBy = $"{By} {Instance.Name}",
        State = HistoryState.Applied,
        IsBreaking = script.Header.IsBreaking,
    };

    private static MigrationException Mismatch(string message, string hint) =>
        new(new MigrationError { Code = MigrationErrorCode.HistoryMismatch, Message = message, Hint = $"Nothing was recorded. {hint}" });
}
