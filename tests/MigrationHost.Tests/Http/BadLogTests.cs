using MigrationHost.Tests.Hosting;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Http;

/// <summary>An application's log that blocks or fails holds up no run, no limit, no answer and no stop.</summary>
[Collection(HostRunTests.ExitCodeOfTheProcess)]
public sealed class BadLogTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_database_becomes_ready_and_the_host_stops(bool fails)
    {
        using var log = new BadLog(fails);
        await using (var app = await TestApp.StartAsync(_database, build: builder => Use(builder, log)))
        {
            await Eventually.BecomesTrueAsync(async () => await app.StatusCodeAsync("/health/ready") == 200);
            Assert.Equal([200, 200, 200], await app.StatusCodesAsync("/health/live", "/migrations", "/orders"));
        }

        Assert.True(log.Lines > 0, "the log was never asked");
        Assert.Equal("1", await _database.HistoryAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limits_hold_and_the_answer_names_who_blocks(bool fails)
    {
        using var log = new BadLog(fails);
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var app = await TestApp.StartAsync(
            _database,
            [("Timeouts:Lock", "00:00:01"), ("Timeouts:StallAfter", "00:00:00.100")],
            build: builder => Use(builder, log));

        await Eventually.BecomesTrueAsync(() => app.State.Current.Phase == MigrationPhase.Failed, () => $"{app.State.Current.Databases[0]}");

        Assert.Equal(MigrationErrorCode.Blocked, app.State.Current.Databases[0].Error?.Code);
        Assert.Contains($"(pid {holder.Pid})", await app.TextAsync("/migrations"), StringComparison.Ordinal);
        Assert.Equal(200, await app.StatusCodeAsync("/health/live"));
    }

    [Theory]
    [InlineData("Gate", "StayUnready", 143)]
    [InlineData("Gate", "StopHost", 4)]
    [InlineData("Block", "StopHost", 4)]
    public async Task A_host_that_is_blocked_by_its_log_as_a_whole_ends_with_the_code_of_the_run(string startup, string onFailure, int expected)
    {
        _database.Migration("2_broken", "INSERT INTO nowhere VALUES (1);");
        using var log = new BadLog(fails: false);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _database.Folder.Path });
        builder.Configuration.AddInMemoryCollection(_database.Settings);
        builder.Configuration.AddInMemoryCollection([new("MigrationHost:Startup", startup), new("MigrationHost:OnFailure", onFailure)]);
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseTestServer();
        builder.Services.AddMigrationHost(builder.Configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        builder.Services.PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        var app = builder.Build();

        var run = app.RunWithMigrationsAsync();
        await Eventually.BecomesTrueAsync(() => app.Services.GetRequiredService<IMigrationState>().Current.Phase == MigrationPhase.Failed);
        if (onFailure == "StayUnready")
            _ = Task.Run(app.Lifetime.StopApplication);

        Assert.Equal(expected, await run);
        Environment.ExitCode = 0;
    }

    // What the host itself logs is not ours to deliver.
    private static void Use(WebApplicationBuilder builder, BadLog log) =>
        builder.Logging.AddProvider(log).AddFilter<BadLog>("Microsoft", LogLevel.None);
}
