using System.Net;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Http;

/// <summary>What <c>RunWithMigrationsAsync</c> maps by itself, and where it gives way to the application.</summary>
public sealed class OwnEndpointsTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private readonly LogLines _log = new();
    private Sqlite3? _holder;
    private WebApplication? _app;
    private Task? _run;

    public async Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        _holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
    }

    public async Task DisposeAsync()
    {
        _app?.Lifetime.StopApplication();
        await (_run ?? Task.CompletedTask);
        await _holder!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task An_application_that_has_health_and_status_of_its_own_keeps_them_and_until_ready_ours_answer_there()
    {
        var app = await StartAsync(
            app =>
            {
                app.MapGet("/Health/Live", () => "mine");
                app.MapGet("/migrations/{name}/locks", (string name) => $"mine of {name}");
                app.MapPost("/migrations", () => "posted");
                app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
            },
            builder => builder.Services.AddHealthChecks().AddCheck("redis", () => HealthCheckResult.Unhealthy("down"), ["ready"]));
        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/health/live", "\"entries\""));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), await AskAsync(app, "/health/ready", "\"entries\""));

        await ReadyAsync(app);

        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/health/live", "mine"));
        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/migrations/app/locks", "mine of app"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), await AskAsync(app, "/health/ready", "Unhealthy"));
        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/health/startup", "\"entries\""));
        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/migrations", "\"phase\""));
        var shared = Assert.Single(_log.All, line => line.Contains("the application maps", StringComparison.Ordinal));
        Assert.Contains("/health/live, /health/ready, /migrations, /migrations/{database}/locks", shared, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_of_the_application_that_is_marked_answers_from_the_first_moment()
    {
        var app = await StartAsync(app => app.MapGet("/health/live", () => "mine").AllowBeforeReady());
        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/health/live", "mine"));

        await ReadyAsync(app);

        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/health/live", "mine"));
        Assert.DoesNotContain(_log.All, line => line.Contains("the application maps", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Paths_that_the_application_has_twice_with_ours_are_once_in_its_api_description()
    {
        var app = await StartAsync(
            app =>
            {
                app.MapGet("/health/live", () => "mine").WithSummary("mine");
                app.MapOpenApi();
            },
            builder => builder.Services.AddOpenApi());
        await ReadyAsync(app);

        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/openapi/v1.json", "\"summary\": \"mine\""));
    }

    [Fact]
    public async Task Settings_made_in_code_count()
    {
        var port = PostgreSqlCluster.FreePort();
        var app = await StartAsync(_ => { }, null, Configure);
        await ReadyAsync(app);
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(app, "/migrations", "")).Code);
        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(app, "/metrics", "migrationhost_ready"));
        Assert.Contains("\"ready\":true", await management.GetStringAsync(new Uri("/migrations", UriKind.Relative)), StringComparison.Ordinal);
        await using var asking = Build(null, Configure);
        Assert.Equal(0, await asking.RunWithMigrationsAsync(["healthcheck"]));

        void Configure(MigrationHostOptions options) =>
            (options.ManagementUrl, options.Metrics) = ($"http://127.0.0.1:{port}", MetricsExposure.On);
    }

    private async Task<WebApplication> StartAsync(
        Action<WebApplication> map, Action<WebApplicationBuilder>? build = null, Action<MigrationHostOptions>? configure = null)
    {
        _app = Build(build, configure);
        map(_app);
        _run = _app.RunWithMigrationsAsync();
        var started = _app.Lifetime.ApplicationStarted;
        await Eventually.BecomesTrueAsync(() => started.IsCancellationRequested, () => string.Join('\n', _log.All));
        return _app;
    }

    private WebApplication Build(Action<WebApplicationBuilder>? build, Action<MigrationHostOptions>? configure)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _database.Folder.Path });
        builder.Configuration.AddInMemoryCollection(_database.Settings);
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMigrationHost(builder.Configuration, configure);
        build?.Invoke(builder);
        return builder.Build();
    }

    private async Task ReadyAsync(WebApplication app)
    {
        await _holder!.ReleaseAsync();
        await app.Services.GetRequiredService<IMigrationState>().WaitUntilReadyAsync();
    }

    private static async Task<(HttpStatusCode Code, bool Says)> AskAsync(WebApplication app, string path, string text)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains(text, StringComparison.Ordinal));
    }
}
