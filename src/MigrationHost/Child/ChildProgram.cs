using MigrationHost.Output;
using MigrationHost.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Child;

/// <summary>The child's end of <see cref="ChildProtocol"/>: migrates one database and reports to its host.</summary>
/// <remarks>It reads no settings file and no command line and has no host of its own, so that it starts quickly.</remarks>
internal static class ChildProgram
{
    /// <param name="args">What follows the command: the host's version.</param>
    /// <param name="addRuns">Registers what a run needs, with settings that are made in code and paths that count from here.</param>
    public static async Task<int> RunAsync(string[] args, Action<IServiceCollection, Action<MigrationHostOptions>> addRuns)
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
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(new ChildLog()));
        addRuns(services, options => options.Databases[order.Name] = order.Database);
        using var provider = services.BuildServiceProvider();
        var code = await MigrateAsync(provider, order.Target).ConfigureAwait(false);

        // What the host still does not read then is lost with it: its supervisor ends this process.
        await StandardOutput.Out.WrittenAsync(Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        return code;
    }

    private static async Task<int> MigrateAsync(IServiceProvider services, string? target)
    {
        MigrationRuns runs;
        try
        {
            runs = services.GetRequiredService<MigrationRuns>();
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
        await services.GetRequiredService<Outbox>().DrainAsync(Outbox.LastWords).ConfigureAwait(false);
        report.Conclude();
        return error?.ExitCode ?? ExitCodes.Success;
    }

    private static ChildOrder? Order() =>
        Environment.GetEnvironmentVariable(ChildProtocol.Variable) is { } order ? ChildJson.ReadOrder(order) : null;
}
