using MigrationHost.Running;

namespace MigrationHost.Tests.Support;

/// <summary>The commands on a history, as a test says them.</summary>
internal static class HistoryExtensions
{
    public static async Task<MigrationError?> ResolveAsync(this DatabaseRun run, string version, bool applied, CancellationToken stopping) =>
        (await run.SettleAsync(version, applied ? Settlement.Applied : Settlement.Retry, stopping)).Error;

    public static Task<(Settled? Result, MigrationError? Error)> SettleAsync(this DatabaseRun run, string version, Settlement how, CancellationToken stopping = default) =>
        run.OnHistoryAsync("resolve", (history, watch) => history.ResolveAsync(watch, version, how), stopping);

    public static Task<MigrationError?> BaselineAsync(this DatabaseRun run, string version, bool dryRun, CancellationToken stopping) =>
        run.OnHistoryAsync("baseline", (history, watch) => history.BaselineAsync(watch, version, dryRun), stopping);
}
