using MigrationHost.Output;
using MigrationHost.Running;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Child;

/// <summary>The child's end of <see cref="ChildProtocol"/>: migrates one database and reports to its host.</summary>
/// <remarks>It reads no settings file and no command line and has no host of its own, so that it starts quickly.</remarks>
internal static class ChildProgram
{
    /// <param name="args">What follows the command: the host's version.</param>
    /// <param name="makeRuns">Makes the runs of settings that are made in code, with that log and paths that count from here.</param>
    public static async Task<int> RunAsync(string[] args, Func<Func<ILoggerFactory>, Action<MigrationHostOptions>, OwnedRuns> makeRuns)
    {
        StandardOutput.TakeConsole(answer: true);
        StandardOutput.Out.DroppedText = ChildLog.Dropped;
        StandardOutput.Out.Answer($"{ChildProtocol.FirstLine}\n");
        if (args is not [var version] || version != ChildProtocol.Version || Order() is not { } order)
        {
            StandardOutput.Error.Answer($"{ChildProtocol.Command} is for MigrationHost {ChildProtocol.Version} itself, not for people\n");
            return ExitCodes.InvalidConfiguration;
        }
        order.Database.NeighbourHistories = order.NeighbourHistories;
        var owned = makeRuns(() => new LoggerFactory([new ChildLog()]), options => options.Databases[order.Name] = order.Database);
        var code = await MigrateAsync(owned, order.Target).ConfigureAwait(false);
        await owned.DisposeAsync().ConfigureAwait(false);

        // What the host still does not read then is lost with it: its supervisor ends this process.
        await StandardOutput.Out.WrittenAsync(Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        return code;
    }

    private static async Task<int> MigrateAsync(OwnedRuns owned, string? target)
    {
        MigrationRuns runs;
        try
        {
            runs = owned.Make();
        }
        catch (OptionsValidationException e)
        {
            StandardOutput.Out.Answer($"{ChildJson.Write(new ChildMessage { Refused = [.. e.Failures] })}\n");
            return ExitCodes.InvalidConfiguration;
        }
        using var stop = new CancellationTokenSource();
        using var signals = new StopSignals(() => _ = stop.CancelAsync());
        using var report = new ChildReport(runs.All[0].State, TimeProvider.System);
        var error = await runs.All[0].MigrateAsync(retryInterval: null, target, stop.Token).ConfigureAwait(false);
        await owned.SayLastWordsAsync().ConfigureAwait(false);
        report.Conclude();
        return error?.ExitCode ?? ExitCodes.Success;
    }

    private static ChildOrder? Order() =>
        Environment.GetEnvironmentVariable(ChildProtocol.Variable) is { } order ? ChildJson.ReadOrder(order) : null;
}
