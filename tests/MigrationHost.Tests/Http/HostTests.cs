using MigrationHost.Hosting;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.Http;

/// <summary>What an application may do without MigrationHost minding, or being minded.</summary>
public sealed class HostTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task It_can_be_added_twice_and_migrates_once_with_the_changes_of_both()
    {
        await using var app = await TestApp.StartAsync(_database, build: builder => builder.Services
            .AddMigrationHost(builder.Configuration, options => options.RetryInterval = TimeSpan.FromSeconds(7)).Services
            .AddMigrationHost(builder.Configuration));
        await app.State.WaitUntilReadyAsync();

        Assert.Single(app.Services.GetServices<IHostedService>().OfType<MigrationHostedService>());
        Assert.Equal(TimeSpan.FromSeconds(7), app.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value.RetryInterval);
        Assert.Equal(1, app.State.Current.Databases[0].Attempt);
        var health = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(["migrationhost", "migrations"], health.Entries.Keys.Order());
        Assert.Equal(200, await app.StatusCodeAsync("/orders"));
    }

    [Fact]
    public async Task Problems_with_the_settings_are_told_once_although_it_was_added_twice()
    {
        await using var app = TestApp.Create(
            _database, [("Statos", "Full")], build: builder => builder.Services.AddMigrationHost(builder.Configuration));
        var options = app.Services.GetRequiredService<IOptions<MigrationHostOptions>>();

        var refused = Assert.Throws<OptionsValidationException>(() => options.Value);

        Assert.Single(refused.Failures);
    }

    [Fact]
    public async Task A_health_check_of_the_application_may_have_our_names_whenever_it_is_added()
    {
        await using var app = await TestApp.StartAsync(_database, build: builder => builder.Services.AddHealthChecks()
            .AddCheck("migrations", () => HealthCheckResult.Healthy("mine"))
            .AddCheck("MigrationHost", () => HealthCheckResult.Healthy("mine")));
        await app.State.WaitUntilReadyAsync();

        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(("mine", "mine"), (report.Entries["migrations"].Description, report.Entries["MigrationHost"].Description));
        Assert.Equal(["ready"], report.Entries["migrationhost-migrations"].Tags);
        Assert.Equal(["live"], report.Entries["migrationhost-migrationhost"].Tags);
    }

    [Fact]
    public async Task Who_waits_for_ready_without_a_token_is_told_when_the_host_stops()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        await using var app = await TestApp.StartAsync(_database);
        var ready = app.State.WaitUntilReadyAsync();

        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => app.State.WaitUntilReadyAsync());
    }

    [Fact]
    public async Task A_host_without_routing_is_gated_all_the_same()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = _database.Folder.Path });
        builder.Configuration.AddInMemoryCollection(_database.Settings);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddMigrationHost(builder.Configuration);
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("mine"));
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(503, (int)(await client.GetAsync(new Uri("/", UriKind.Relative))).StatusCode);

        await holder.ReleaseAsync();
        await app.Services.GetRequiredService<IMigrationState>().WaitUntilReadyAsync();
        Assert.Equal("mine", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        await app.StopAsync();
    }

    [Fact]
    public async Task A_shutdown_that_may_last_for_ever_stays_so_and_a_short_one_is_made_long_enough()
    {
        await using var endless = TestApp.Create(_database, build: With(Timeout.InfiniteTimeSpan));
        await using var shortest = TestApp.Create(_database, [("Timeouts:Grace", "00:00:20")], build: With(TimeSpan.FromSeconds(1)));

        Assert.Equal(Timeout.InfiniteTimeSpan, endless.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        Assert.Equal(TimeSpan.FromSeconds(25), shortest.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        await endless.StartAsync();
        await endless.State.WaitUntilReadyAsync();

        static Action<WebApplicationBuilder> With(TimeSpan timeout) =>
            builder => builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = timeout);
    }

    [Fact]
    public async Task Head_is_answered_as_get_without_its_body_before_and_after_ready()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        await using var app = await TestApp.StartAsync(_database, build: TestApp.OnSocket);
        await LookAsync();
        await holder.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        await LookAsync();

        async Task LookAsync()
        {
            foreach (var path in new[] { "/migrations", "/migrations/app/locks", "/health/live", "/health/startup", "/health/ready" })
            {
                using var get = await app.Client.GetAsync(new Uri(path, UriKind.Relative));
                using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
                Assert.True(get.StatusCode == head.StatusCode, path);
                Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
                Assert.True(head.Content.Headers.ContentLength > 0, path);
            }
        }
    }
}
