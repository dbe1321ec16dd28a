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
        UseLog(builder, toStderr: false, LogEventLevel.Information);
        if (ServeAddresses.AreDefault(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        return builder;
    }

    /// <summary>A host that is never started, for a command whose answer goes to stdout.</summary>
    public static WebApplicationBuilder ForCommand(string[] settings, LogEventLevel least, bool tools = false)
    {
        var builder = Create(settings);
        UseLog(builder, toStderr: true, least, tools);
        return builder;
    }

    private static WebApplicationBuilder Create(string[] settings)
    {
        // Nothing here is read again later, and each watched file costs one of the few inotify instances that a container's user has.
        var builder = Read(() => WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. settings]));
        if (Environment.GetEnvironmentVariable(ChildConfiguration.Variable) is { Length: > 0 } configuration)
        {
            // The child process of a host, whose settings may come from anywhere: nothing else counts.
            ((IConfigurationBuilder)builder.Configuration).Sources.Clear();
            builder.Configuration.AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(configuration)));
        }
        builder.Services.AddMigrationHost(builder.Configuration);
        return builder;
    }

    private static void UseLog(WebApplicationBuilder builder, bool toStderr, LogEventLevel least, bool tools = false)
    {
        try
        {
            builder.UseSerilog(toStderr, least, tools);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            throw Invalid(
                $"Serilog: a level, or an argument of a sink, has the wrong form; levels: {string.Join(", ", Enum.GetNames<LogEventLevel>())}");
        }
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
            throw Invalid(SettingsFile.Problem(e));
        }
        catch (UnauthorizedAccessException e)
        {
            throw Invalid($"a settings file cannot be read: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            throw Invalid("a setting of the host itself, such as hostBuilder:reloadConfigOnChange, has a value of the wrong form");
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw Invalid("contentRoot: is not a folder that can be used; leave it out, or write the path of one");
        }
    }

    private static OptionsValidationException Invalid(params string[] problems) =>
        new(MigrationHostOptions.SectionName, typeof(MigrationHostOptions), problems);
}
