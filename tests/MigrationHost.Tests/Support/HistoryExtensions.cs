using MigrationHost.Running;

namespace MigrationHost.Tests.Support;

/// <summary>The commands on a history, as a test says them.</summary>
internal static class HistoryExtensions
{
    public static async Task<MigrationError?> ResolveAsync(this DatabaseRun run, string version, bool applied, CancellationToken stopping) =>
        (await run.SettleAsync(version, applied ? Settlement.Applied : Settlement.Retry, stopping)).Error;

    public static Task<(Settled? Result, MigrationError? Error)> SettleAsync(this DatabaseRun run, string version, Settlement how, CancellationToken stopping = default) =>
        run.OnHistoryAsync("resolve", (history, watch) => history.ResolveAsync(watch, version, how), stopping);

    public static async Task<WrittenScript> ScriptAsync(this DatabaseRun run, string? from = null, string? to = null)
    {
        var (script, error) = await run.OnHistoryAsync("script", (history, watch) => history.ScriptAsync(watch, from, to), default);
        Assert.Null(error);
        return script!;
    }

    public static async Task<(IReadOnlyList<string> Undone, MigrationError? Error)> DownAsync(
        this DatabaseRun run, string? to = null, bool dryRun = false, CancellationToken stopping = default)
    {
        var undone = new List<string>();
        var (scripts, error) = await run.OnHistoryAsync("down", (history, watch) => history.DownAsync(watch, to, dryRun, script => undone.Add(script.Version)), stopping);
        return (dryRun && scripts is not null ? [.. scripts.Select(script => script.Version)] : undone, error);
    }

    public static Task<MigrationError?> BaselineAsync(this DatabaseRun run, string version, bool dryRun, CancellationToken stopping) =>
        run.OnHistoryAsync("baseline", (history, watch) => history.BaselineAsync(watch, version, dryRun), stopping);
}
