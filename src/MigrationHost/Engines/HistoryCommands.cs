using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>The commands on a history that is ours to keep: each opens the database and leaves the work to a class of its own.</summary>
internal sealed class HistoryCommands(IMigrationDatabase database, PlanReader reader, TimeProvider time, ILogger logger) : IHistoryCommands
{
    /// <summary>What applies the migrations in our place; null if we do.</summary>
    public IForeignMigrator? Foreign { get; init; }

    public async Task<Settled> ResolveAsync(Watch watch, string version, Settlement how)
    {
        var set = how == Settlement.Changed ? reader.ReadScripts(watch, null) : reader.ReadSource(watch);
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await reader.Access.OpenAsync(watch, SessionPurpose.Migrate).ConfigureAwait(false);
        set = await reader.DecideAsync(watch, session, set, () => reader.ReadSource(watch)).ConfigureAwait(false);
        return await new Resolution(database, reader, set, reader.IdOf(version, "VERSION"), time)
            .RunAsync(watch, session, how).ConfigureAwait(false);
    }

    public IReadOnlyList<string> Add(Watch watch, string title) => reader.Add(watch, title);

    public async Task<WrittenScript> ScriptAsync(Watch watch, string? from, string? to)
    {
        RefuseForeign("script");
        var set = reader.ReadScripts(watch, null);
        watch.State.Enter(MigrationPhase.Connecting);
        await using var session = await reader.Access.OpenAsync(watch, SessionPurpose.Inspect).ConfigureAwait(false);
        set = await reader.DecideAsync(watch, session, set, () => reader.ReadScripts(watch, null)).ConfigureAwait(false);
        return await new ScriptWriting(database, reader, watch, time).RunAsync(session, set, from, to).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<Migration>> DownAsync(Watch watch, string? to, bool dryRun, Action<Migration> undone)
    {
        RefuseForeign("down");
        var set = reader.ReadScripts(watch, null);
        watch.State.Enter(MigrationPhase.Connecting);
        var purpose = dryRun ? SessionPurpose.Inspect : SessionPurpose.Migrate;
        await using var session = await reader.Access.OpenAsync(watch, purpose).ConfigureAwait(false);
        set = await reader.DecideAsync(watch, session, set, () => reader.ReadScripts(watch, null)).ConfigureAwait(false);
        return await new Undoing(database, reader, watch, set, time, logger).RunAsync(session, to, dryRun, undone).ConfigureAwait(false);
    }

    public async Task BaselineAsync(Watch watch, string version, bool dryRun)
    {
        var set = reader.ReadScripts(watch, null);
        watch.State.Enter(MigrationPhase.Connecting);
        var purpose = dryRun ? SessionPurpose.Inspect : SessionPurpose.Migrate;
        await using var session = await reader.Access.OpenAsync(watch, purpose).ConfigureAwait(false);
        set = await reader.DecideAsync(watch, session, set, () => reader.ReadScripts(watch, null)).ConfigureAwait(false);
        await new Baseline(database, reader.Access, reader.FirstStart, set, reader.IdOf(version, "VERSION"), time, logger)
            .RunAsync(watch, session, dryRun).ConfigureAwait(false);
    }

    private void RefuseForeign(string command)
    {
        if (Foreign is null)
            return;
        throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"{command} is for migrations whose statements MigrationHost runs itself",
            Hint = Foreign.InsteadOf(command),
        });
    }
}
