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

    /// <param name="services">Who logs.</param>
    /// <param name="configuration">The settings; the section Serilog is Serilog's own.</param>
    /// <param name="toStderr">Whether stdout belongs to a command's answer.</param>
    /// <param name="log">What it is to be like, unless the configuration asks for a higher level.</param>
    public static void AddSerilog(this IServiceCollection services, IConfiguration configuration, bool toStderr, CommandLog log)
    {
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        if (IsPlain(configuration))
        {
            services.AddSingleton(new LeastLevel(log.HasTools ? LogLevel.Information : log.Least));
            services.AddSingleton<ILoggerFactory>(_ => Create(configuration, toStderr, log));
            return;
        }
        var loggers = Create(configuration, toStderr, log);
        services.AddSingleton<ILoggerFactory>(_ => loggers); // the container disposes what it was given this way
    }

    // Then nothing in it can be wrong, and nobody but the console listens.
    private static bool IsPlain(IConfiguration configuration) => configuration.GetSection("Serilog").AsEnumerable().All(setting =>
        setting.Value is null
        || (setting.Key is "Serilog:MinimumLevel" or "Serilog:MinimumLevel:Default"
            && Enum.TryParse<LogEventLevel>(setting.Value, ignoreCase: true, out _)));

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
