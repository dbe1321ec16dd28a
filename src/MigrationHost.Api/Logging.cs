using System.Reflection;
using MigrationHost.Commands;
using MigrationHost.Running;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;
using Serilog.Settings.Configuration;
using Serilog.Sinks.SystemConsole.Themes;

namespace MigrationHost.Api;

/// <summary>The program's log: Serilog, behind Microsoft.Extensions.Logging.</summary>
internal static class Logging
{
    private const string Line = "{Timestamp:yyyy-MM-ddTHH:mm:sszzz} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>Where the configuration's sinks and formatters are looked for, besides what its Using names: a look through everything
    /// that the program depends on would take longer than the rest of its start.</summary>
    private static readonly Assembly[] Shipped =
    [
        typeof(LoggerConfiguration).Assembly,
        typeof(ConsoleLoggerConfigurationExtensions).Assembly,
        typeof(FileLoggerConfigurationExtensions).Assembly,
        typeof(LoggerSinkConfigurationDebugExtensions).Assembly,
        typeof(CompactJsonFormatter).Assembly,
        typeof(LoggerConfigurationExtensions).Assembly,
    ];

    /// <summary>The log for a container.</summary>
    /// <param name="services">Who logs.</param>
    /// <param name="log">What <see cref="Of"/> has given.</param>
    public static IServiceCollection AddSerilog(this IServiceCollection services, (LeastLevel Least, Func<ILoggerFactory> Make) log) =>
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>)).AddSingleton(log.Least).AddSingleton(_ => log.Make());

    /// <summary>What is heard of the log, and what makes it: not before there is a line for it, unless something can be wrong with its
    /// settings.</summary>
    /// <param name="configuration">The settings; the section Serilog is Serilog's own.</param>
    /// <param name="toStderr">Whether stdout belongs to a command's answer.</param>
    /// <param name="log">What it is to be like, unless the configuration asks for a higher level.</param>
    public static (LeastLevel Least, Func<ILoggerFactory> Make) Of(IConfiguration configuration, bool toStderr, CommandLog log)
    {
        if (IsPlain(configuration))
            return (new LeastLevel(log.Least, log.HasTools), () => Create(configuration, toStderr, log));
        var loggers = Create(configuration, toStderr, log);
        return (LeastLevel.OfAnyLog, () => loggers);
    }

    // Then nothing in it can be wrong, and nobody but the console listens.
    private static bool IsPlain(IConfiguration configuration) => configuration.GetSection("Serilog").AsEnumerable().All(setting =>
        setting.Value is null ? setting.Key is "Serilog" or "Serilog:MinimumLevel"
        : setting.Key is "Serilog:MinimumLevel" or "Serilog:MinimumLevel:Default"
            && Enum.TryParse<LogEventLevel>(setting.Value, ignoreCase: true, out _));

    private static SerilogLoggerFactory Create(IConfiguration configuration, bool toStderr, CommandLog log)
    {
        var (least, tools) = (LevelConvert.ToSerilogLevel(log.Least), log.HasTools);
        var serilog = new LoggerConfiguration()
            .MinimumLevel.Is(tools ? LogEventLevel.Information : least)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // It says again, with a stack trace, what RunWithMigrationsAsync says.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .ReadFrom.Configuration(configuration, new ConfigurationReaderOptions(Shipped))
            .WriteTo.Logger(console => console
                .Filter.ByExcluding(e => e.Level < least && !(tools && IsOfTool(e)))
                .WriteToConsole(LogForm.Of(configuration), log.HasColor, toStderr ? LogEventLevel.Verbose : null))
            .CreateLogger();
        return new SerilogLoggerFactory(serilog, dispose: true);
    }

    private static void WriteToConsole(this LoggerConfiguration log, LogFormat form, bool hasColor, LogEventLevel? toStderrFrom)
    {
        if (form == LogFormat.Json)
        {
            log.WriteTo.Console(new CompactLine(), standardErrorFromLevel: toStderrFrom);
            return;
        }
        log.WriteTo.Console(
            outputTemplate: Line,
            theme: hasColor ? AnsiConsoleTheme.Literate : ConsoleTheme.None, // one write for each line, colours included
            formatProvider: System.Globalization.CultureInfo.InvariantCulture,
            standardErrorFromLevel: toStderrFrom);
    }

    private static bool IsOfTool(LogEvent e) =>
        e.Properties.GetValueOrDefault("EventId") is StructureValue id
            && id.Properties.Any(part => part is { Name: "Id", Value: ScalarValue { Value: Running.Log.ToolLineEvent } });
}
