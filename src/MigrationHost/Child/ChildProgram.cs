using MigrationHost.Output;
using MigrationHost.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Child;

/// <summary>The child's end of <see cref="ChildProtocol"/>: migrates one database and tells its host.</summary>
/// <remarks>It reads no settings file and no command line and has no web host, so that it starts quickly.</remarks>
internal static class ChildProgram
{
    /// <param name="args">What follows the command: the host's version.</param>
    /// <param name="addMigrationHost">Registers the library with settings that are made in code.</param>
    public static async Task<int> RunAsync(string[] args, Action<HostApplicationBuilder, Action<MigrationHostOptions>> addMigrationHost)
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
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = Environment.CurrentDirectory });
        builder.Logging.AddProvider(new ChildLog());
        addMigrationHost(builder, options => options.Databases[order.Name] = order.Database);
        using var host = builder.Build();
        var code = await MigrateAsync(host, order.Target).ConfigureAwait(false);

        // What the host still does not read then is lost with it: its supervisor ends this process.
        await StandardOutput.Out.WrittenAsync(Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        return code;
    }

    private static async Task<int> MigrateAsync(IHost host, string? target)
    {
        MigrationRuns runs;
        try
        {
            runs = host.Services.GetRequiredService<MigrationRuns>();
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
        await host.Services.GetRequiredService<Outbox>().DrainAsync(Outbox.LastWords).ConfigureAwait(false);
        report.Conclude();
        return error?.ExitCode ?? ExitCodes.Success;
    }

    private static ChildOrder? Order() =>
        Environment.GetEnvironmentVariable(ChildProtocol.Variable) is { } order ? ChildJson.ReadOrder(order) : null;
}
