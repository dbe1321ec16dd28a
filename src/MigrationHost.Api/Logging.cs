using Serilog;
using Serilog.Events;
using Serilog.Sinks.SystemConsole.Themes;

namespace MigrationHost.Api;

/// <summary>The program's log: Serilog, behind Microsoft.Extensions.Logging.</summary>
internal static class Logging
{
    private const string Line = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <param name="builder">The host.</param>
    /// <param name="toStderr">Whether stdout belongs to a command's answer.</param>
    /// <param name="least">The least level that is written, unless the configuration asks for a higher one.</param>
    /// <param name="tools">Whether what an external tool says is written in any case.</param>
    public static void UseSerilog(this WebApplicationBuilder builder, bool toStderr, LogEventLevel least, bool tools = false)
    {
        var serilog = new LoggerConfiguration()
            .MinimumLevel.Is(tools ? LogEventLevel.Information : least)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information)
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal) // says again, with a stack trace, what RunWithMigrationsAsync says
            .ReadFrom.Configuration(builder.Configuration)
            .WriteTo.Logger(console => console
                .Filter.ByExcluding(e => e.Level < least && !(tools && IsOfTool(e)))
                .WriteTo.Console(
                    outputTemplate: Line,
                    theme: AnsiConsoleTheme.Literate, // one write for each line, colours included
                    formatProvider: System.Globalization.CultureInfo.InvariantCulture,
                    standardErrorFromLevel: toStderr ? LogEventLevel.Verbose : null))
            .CreateLogger();

        builder.Services.AddSerilog(serilog, dispose: true);
    }

    private static bool IsOfTool(LogEvent e) =>
        e.Properties.GetValueOrDefault("EventId") is StructureValue id && id.Properties.Any(part => part is { Name: "Id", Value: ScalarValue { Value: Running.Log.ToolLineEvent } });
}
