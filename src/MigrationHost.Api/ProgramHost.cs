using System.Globalization;
using MigrationHost.Commands;
using MigrationHost.Output;
using Microsoft.Extensions.Options;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace MigrationHost.Api;

/// <summary>The host that every command is built on: the same configuration, services and log.</summary>
/// <param name="settings">The settings of the command line.</param>
internal sealed class ProgramHost(string[] settings) : ICommandHosts
{
    private static readonly string[] PortKeys = ["http_ports", "https_ports"];

    public string Name => "migrationhost";

    public string DefaultUrl => "http://localhost:8080";

    public IConfiguration Configuration => WebApplication.CreateSlimBuilder(settings).Configuration;

    public IHost ForServe()
    {
        StandardOutput.TakeConsole(answer: false);
        var builder = Create();
        builder.UseSerilog(toStderr: false, LogEventLevel.Information);
        if (AddressProblems(builder.Configuration) is { Length: > 0 } problems)
            throw Invalid(problems);
        if (NobodyChoseAnAddress(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        var app = builder.Build();
        app.MapMigrationHealth();
        app.MapMigrationStatus();
        return app;
    }

    public IHost ForCommand(LogLevel least, bool tools = false)
    {
        StandardOutput.TakeConsole(answer: true);
        var builder = Create();
        builder.UseSerilog(toStderr: true, LevelConvert.ToSerilogLevel(least), tools);
        return builder.Build();
    }

    private WebApplicationBuilder Create()
    {
        // Nothing here is read again later, and each watched file costs one of the few inotify instances that a container's user has.
        var builder = Read(() => WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. settings]));
        builder.Services.AddMigrationHost(builder.Configuration);
        return builder;
    }

    // A settings file that cannot be read is a problem with the settings like any other, not a defect of the program.
    private static WebApplicationBuilder Read(Func<WebApplicationBuilder> create)
    {
        try
        {
            return create();
        }
        catch (InvalidDataException e)
        {
            throw Invalid($"{e.Message.TrimEnd('.')}: {e.GetBaseException().Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            throw Invalid($"a settings file cannot be read: {e.Message}");
        }
    }

    private static OptionsValidationException Invalid(params string[] problems) => new(MigrationHostOptions.SectionName, typeof(MigrationHostOptions), problems);

    // Kestrel would end the start with a stack trace.
    private static string[] AddressProblems(ConfigurationManager configuration) =>
    [
        .. Parts(configuration["urls"]).Where(url => !IsAddress(url)).Select(url => $"urls: '{url}' is no address; write for example http://localhost:8080"),
        .. from key in PortKeys
           from port in Parts(configuration[key])
           where !ushort.TryParse(port, CultureInfo.InvariantCulture, out _)
           select $"{key}: '{port}' is no port; write a number up to 65535",
    ];

    private static string[] Parts(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Port is >= 0 and <= ushort.MaxValue;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool NobodyChoseAnAddress(ConfigurationManager configuration) =>
        string.IsNullOrEmpty(configuration["urls"])
        && string.IsNullOrEmpty(configuration["http_ports"])
        && string.IsNullOrEmpty(configuration["https_ports"])
        && !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}
