using MigrationHost.Commands;
using MigrationHost.Hosting;
using MigrationHost.Output;
using MigrationHost.Platform;
using MigrationHost.Running;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;
using Serilog.Events;

namespace MigrationHost.Api;

/// <summary>The hosts of the program: a web host to serve; for a command, which serves nothing, one without.</summary>
/// <param name="settings">The settings of the command line.</param>
internal sealed class ProgramHost(string[] settings) : ICommandHosts
{
    private readonly Lazy<IConfiguration> _configuration = new(() => Read(() => ProgramSettings.Read(settings)).Configuration);

    public string Name => "migrationhost";

    public string DefaultUrl => ServeAddresses.Default;

    public string? ManagementUrl =>
        Configuration["MigrationHost:ManagementUrl"] is { } url && !string.IsNullOrWhiteSpace(url) ? url : null;

    public IConfiguration Configuration => _configuration.Value;

    public IHost ForServe()
    {
        StandardOutput.TakeConsole(answer: false);
        // Nothing here is read again later, and each watched file costs one of the few inotify instances that a container's user has.
        var builder = Read(() => WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. settings]));
        Answer.Form = () => LogForm.Of(builder.Configuration);
        builder.Services.AddMigrationHost(builder.Configuration);
        var contentRoot = new ContentRoot(builder.Environment.ContentRootPath);
        builder.Services.AddSerilog(LoggingOf(builder.Configuration, contentRoot, toStderr: false, CommandLog.OfServe));
        if (ServeAddresses.AreDefault(builder.Configuration))
            builder.WebHost.UseUrls(DefaultUrl);
        var isTraced = Telemetry.IsAsked(builder.Configuration);
        if (isTraced)
            Telemetry.AddTo(builder.Services);
        var app = builder.Build();
        List<string> problems = [.. Telemetry.Problems(app.Configuration)];
        if (ListensItself(app))
            problems.AddRange(ServeAddresses.Problems(app.Configuration, contentRoot.Path));
        if (problems.Count > 0)
            throw Invalid([.. problems, .. RunServices.Problems(app.Configuration, contentRoot)]);
        if (isTraced)
            BeginTelemetry(app.Services, app.Configuration, contentRoot);
        app.MapMigrationHealth();
        app.MapMigrationStatus();
        app.MapMigrationMetrics();
        return app;
    }

    public OwnedRuns ForCommand(CommandLog log)
    {
        StandardOutput.TakeConsole(answer: true);
        var (configuration, contentRoot) = Read(() => ProgramSettings.Read(settings));
        Answer.Form = () => LogForm.Of(configuration);
        var logging = LoggingOf(configuration, contentRoot, toStderr: true, log);
        return log.IsTraced && Telemetry.IsAsked(configuration)
            ? Traced(configuration, contentRoot, logging)
            : RunServices.WithoutContainer(configuration, contentRoot, logging.Least, logging.Make);
    }

    private static OwnedRuns Traced(
        IConfiguration configuration, ContentRoot contentRoot, (LeastLevel Least, Func<ILoggerFactory> Make) logging)
    {
        if (Telemetry.Problems(configuration).ToArray() is { Length: > 0 } problems)
            throw Invalid([.. problems, .. RunServices.Problems(configuration, contentRoot)]);
        var services = new ServiceCollection();
        services.AddSingleton(configuration).AddSingleton(contentRoot).AddMigrationRuns(configuration).AddSerilog(logging);
        Telemetry.AddTo(services);
        var traced = services.BuildServiceProvider();
        BeginTelemetry(traced, configuration, contentRoot);
        return RunServices.Of(traced);
    }

    // Whatever its variables make of it is no defect of the program.
    private static void BeginTelemetry(IServiceProvider services, IConfiguration configuration, ContentRoot contentRoot)
    {
        try
        {
            Telemetry.Begin(services);
        }
        catch (Exception e) when (e is not OptionsValidationException)
        {
            throw Invalid([Telemetry.Refusal(configuration), .. RunServices.Problems(configuration, contentRoot)]);
        }
    }

    private static (LeastLevel Least, Func<ILoggerFactory> Make) LoggingOf(
        IConfiguration configuration, ContentRoot contentRoot, bool toStderr, CommandLog log)
    {
        try
        {
            return Logging.Of(configuration, toStderr, log);
        }
        catch (Exception)
        {
            // A sink may be anything, and fails with anything.
            throw Invalid([
                "Serilog: a level, or an argument of a sink, has the wrong form, or what it names is not there; "
                    + $"levels: {string.Join(", ", Enum.GetNames<LogEventLevel>())}",
                .. RunServices.Problems(configuration, contentRoot)]);
        }
    }

    // A settings file that cannot be read is a problem with the settings like any other, not a defect of the program.
    private static T Read<T>(Func<T> create)
    {
        try
        {
            return BriefLook.Take<T[]>(() => [create()], []) is [var read] ? read : throw Invalid(
                "a settings file, or the folder that it is in, does not answer: is it on a network mount that is gone?");
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

    // The test server of ASP.NET Core takes no port.
    private static bool ListensItself(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().GetType().Namespace?.Contains("Kestrel", StringComparison.Ordinal) is true;

    private static OptionsValidationException Invalid(params string[] problems) =>
        new(MigrationHostOptions.SectionName, typeof(MigrationHostOptions), problems);
}
