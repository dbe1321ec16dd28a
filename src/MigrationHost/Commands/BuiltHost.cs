using MigrationHost.Hosting;
using MigrationHost.Http;
using MigrationHost.Output;
using MigrationHost.Running;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace MigrationHost.Commands;

/// <summary>The host that an application has built: the commands use its settings and its log, and start nothing of it.</summary>
internal sealed class BuiltHost(IHost host) : ICommandHosts
{
    private static readonly string[] Help = ["--help", "-h", "-?", "--version"];

    public string Name => AppDomain.CurrentDomain.FriendlyName;

    /// <summary>Kestrel's own default.</summary>
    public string DefaultUrl => "http://localhost:5000";

    public string? ManagementUrl => Settings()?.ManagementUrl;

    public IConfiguration Configuration => host.Services.GetRequiredService<IConfiguration>();

    /// <summary>Runs the command that the application's arguments name; without one, serves.</summary>
    /// <param name="args">The application's arguments. If they begin with an option, they are the application's own affair.</param>
    public async Task<int> RunAsync(string[] args)
    {
        if (DesignTimeHost.Tool is not null)
        {
            await host.RunAsync().ConfigureAwait(false);
            return ExitCodes.Success;
        }
        var (arguments, settings) = SettingArguments.Split(args);
        if (arguments is not [var first, ..] || !(IsWord(first) || Help.Contains(first)))
            return await HostRun.RunAsync(ForServe()).ConfigureAwait(false);
        // .NET's reader of command lines, which the application has used, takes what follows an option for its value: --json --key=value.
        if (Configuration is IConfigurationBuilder configuration)
            configuration.AddCommandLine(settings);
        using var early = new EarlyStop();
        return await early.RunAsync(() => CommandLine.RunAsync(arguments, this)).ConfigureAwait(false);
    }

    // The console logger has taken the console's streams when it was built, and asks its options for every line.
    public OwnedRuns ForCommand(CommandLog log)
    {
        StandardOutput.TakeConsole(answer: true);
        if (!log.HasColor)
        {
            host.Services.GetRequiredService<IOptionsMonitor<SimpleConsoleFormatterOptions>>().CurrentValue.ColorBehavior =
                LoggerColorBehavior.Disabled;
        }
        host.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.LogToStandardErrorThreshold = LogLevel.Trace;
        return RunServices.Of(host.Services);
    }

    public IHost ForServe()
    {
        if (host is not IEndpointRouteBuilder endpoints || Settings() is not { } settings)
            return host;
        if (settings.ManagementUrl is null && OwnEndpoints.MapMissing(endpoints) is { Count: > 0 } shared)
        {
            var logger = host.Services.GetRequiredService<QueuedLoggers>().CreateLogger(typeof(OwnEndpoints).FullName!);
            Log.SharesPaths(logger, string.Join(", ", shared));
        }
        if (settings.Metrics == MetricsExposure.On)
            OwnEndpoints.MapMissingMetrics(endpoints);
        return host;
    }

    // Whatever is wrong with them, the run of the host tells.
    private MigrationHostOptions? Settings()
    {
        try
        {
            return host.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;
        }
        catch (Exception)
        {
            return null;
        }
    }

    // .NET reads settings in the forms key=value and /key value too.
    private static bool IsWord(string argument) =>
        argument.Length > 0 && char.IsAsciiLetter(argument[0]) && !argument.Contains('=', StringComparison.Ordinal);
}
