using MigrationHost.Engines;
using Microsoft.Extensions.Options;
using Serilog.Events;

namespace MigrationHost.Api;

/// <summary>The host that every command is built on: the same configuration, services and log.</summary>
internal static class ProgramHost
{
    public const string DefaultUrl = "http://localhost:8080";

    /// <summary>A host that listens.</summary>
    public static WebApplicationBuilder ForServe(string[] settings)
    {
        var builder = Create(settings);
        builder.UseSerilog(toStderr: false, LogEventLevel.Information);
        if (NobodyChoseAnAddress(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        return builder;
    }

    /// <summary>A host that is never started, for a command whose answer goes to stdout.</summary>
    public static WebApplicationBuilder ForCommand(string[] settings, LogEventLevel least, bool tools = false)
    {
        var builder = Create(settings);
        builder.UseSerilog(toStderr: true, least, tools);
        return builder;
    }

    private static WebApplicationBuilder Create(string[] settings)
    {
        // Nothing here is read again later, and each watched file costs one of the few inotify instances that a container's user has.
        var builder = Read(() => WebApplication.CreateBuilder([.. settings, "--hostBuilder:reloadConfigOnChange=false"]));
        if (Environment.GetEnvironmentVariable(ChildConfiguration.Variable) is { Length: > 0 } configuration)
        {
            // The child process of a host, whose settings may come from anywhere: nothing else counts.
            ((IConfigurationBuilder)builder.Configuration).Sources.Clear();
            builder.Configuration.AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(configuration)));
        }
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

    private static OptionsValidationException Invalid(string problem) => new(MigrationHostOptions.SectionName, typeof(MigrationHostOptions), [problem]);

    private static bool NobodyChoseAnAddress(ConfigurationManager configuration) =>
        string.IsNullOrEmpty(configuration["urls"])
        && string.IsNullOrEmpty(configuration["http_ports"])
        && string.IsNullOrEmpty(configuration["https_ports"])
        && !configuration.GetSection("Kestrel:Endpoints").GetChildren().Any();
}
