using MigrationHost.Commands;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Sinks.SystemConsole.Themes;

namespace MigrationHost.Api;

/// <summary>The program's log: Serilog, behind Microsoft.Extensions.Logging.</summary>
internal static class Logging
{
    private const string Line = "{Timestamp:yyyy-MM-ddTHH:mm:sszzz} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <param name="builder">The host.</param>
    /// <param name="toStderr">Whether stdout belongs to a command's answer.</param>
    /// <param name="log">What it is to be like, unless the configuration asks for a higher level.</param>
    public static void UseSerilog(this WebApplicationBuilder builder, bool toStderr, CommandLog log)
    {
        var (least, tools) = (LevelConvert.ToSerilogLevel(log.Least), log.HasTools);
        var serilog = new LoggerConfiguration()
            .MinimumLevel.Is(tools ? LogEventLevel.Information : least)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            // It says again, with a stack trace, what RunWithMigrationsAsync says.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .ReadFrom.Configuration(builder.Configuration)
            .WriteTo.Logger(console => console
                .Filter.ByExcluding(e => e.Level < least && !(tools && IsOfTool(e)))
                .WriteToConsole(LogForm.Of(builder.Configuration), log.HasColor, toStderr ? LogEventLevel.Verbose : null))
            .CreateLogger();

        builder.Services.AddSerilog(serilog, dispose: true);
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
