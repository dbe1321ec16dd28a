using MigrationHost.EfApp.Shop;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.Testing;

/// <summary>Under a WebApplicationFactory the first client finds databases that are ready, or the test the reason why they are not.</summary>
public sealed class FactoryTests : IAsyncLifetime
{
    public static TheoryData<string, bool> Ways => new() { { "Gate", false }, { "Gate", true }, { "Block", false }, { "Block", true } };

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_first_client_finds_databases_that_are_ready(string startup, bool plainRun)
    {
        await using var factory = Factory(startup, plainRun);
        using var client = factory.CreateClient();

        Assert.Equal("1", await _database.HistoryAsync());
        Assert.True(factory.Services.GetRequiredService<IMigrationState>().Current.Ready);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_migration_that_fails_is_thrown_with_its_file_and_line(string startup, bool plainRun)
    {
        _database.Migration("2_broken", "CREATE TABLE orders (id INTEGER);\nCREATE TABEL lines (id INTEGER);");
        await using var factory = Factory(startup, plainRun);

        var failure = Assert.Throws<MigrationException>(() => factory.CreateClient());
        Assert.Equal((MigrationErrorCode.MigrationFailed, "migrations/2_broken.sql", 2), (failure.Error.Code, failure.Error.File, failure.Error.Line));
        Assert.Contains("2_broken.sql:2", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_database_that_is_blocked_is_thrown_with_its_holder(string startup, bool plainRun)
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        await using var factory = Factory(startup, plainRun, ("Timeouts:Lock", "00:00:00.500"), ("Timeouts:StallAfter", "00:00:00.100"));

        var failure = Assert.Throws<MigrationException>(() => factory.CreateClient());
        Assert.Equal(MigrationErrorCode.Blocked, failure.Error.Code);
        Assert.Contains($"sqlite3 (pid {holder.Pid})", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Settings_that_are_wrong_are_thrown_every_one_of_them(string startup, bool plainRun)
    {
        await using var factory = Factory(startup, plainRun, ("Databases:app:Migrations", "nowhere"), ("RetryIntervall", "00:00:01"));

        var failure = Assert.Throws<MigrationException>(() => factory.CreateClient());
        Assert.Equal((MigrationErrorCode.InvalidConfiguration, 2), (failure.Error.Code, failure.Error.Problems.Count));
        Assert.Contains("did you mean 'RetryInterval'?", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the folder nowhere does not exist", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_else_keeps_the_application_from_starting_is_thrown_as_it_is(bool plainRun)
    {
        await using var refused = Factory("Gate", plainRun).WithWebHostBuilder(builder =>
            builder.ConfigureServices(services => services.AddHostedService<Refuses>()));
        await using var invalid = Factory("Gate", plainRun).WithWebHostBuilder(builder => builder.ConfigureServices(services =>
            services.AddOptions<Queue>().Validate(_ => false, "the queue has no address").ValidateOnStart()));

        Assert.Equal("the queue is down", Assert.Throws<InvalidOperationException>(() => refused.CreateClient()).Message);
        Assert.Equal(
            "the queue has no address", Assert.Throws<OptionsValidationException>(() => invalid.CreateClient()).Message);
    }

    [Fact]
    public async Task The_program_itself_throws_the_same()
    {
        _database.Migration("2_broken", "CREATE TABEL lines (id INTEGER);");
        await using var factory = new WebApplicationFactory<global::Program>().WithWebHostBuilder(builder => Configure(builder, []));

        Assert.Equal(4, Assert.Throws<MigrationException>(() => factory.CreateClient()).Error.ExitCode);
    }

    [Fact]
    public async Task On_a_test_server_whoever_waits_for_ready_is_told_why_it_will_not_come()
    {
        _database.Migration("2_broken", "CREATE TABEL lines (id INTEGER);");
        await using var app = await TestApp.StartAsync(_database);

        var failure = await Assert.ThrowsAsync<MigrationException>(() => app.State.WaitUntilReadyAsync());
        Assert.Contains("2_broken.sql:1", failure.Message, StringComparison.Ordinal);
        Assert.Equal(503, await app.StatusCodeAsync("/health/ready"));
    }

    [Fact]
    public async Task A_service_that_waits_for_ready_does_not_stop_a_host_that_stays_unready()
    {
        _database.Migration("2_broken", "CREATE TABEL lines (id INTEGER);");
        await using var app = await TestApp.StartAsync(_database, build: TestApp.OnSocket);
        var waiting = app.State.WaitUntilReadyAsync();

        await Eventually.BecomesTrueAsync(() => app.State.Current.Phase == MigrationPhase.Failed, () => app.State.Current.ToString());
        Assert.False(waiting.IsCompleted);
        Assert.Equal(200, await app.StatusCodeAsync("/health/live"));
    }

    private WebApplicationFactory<ShopContext> Factory(string startup, bool plainRun, params (string Key, string Value)[] settings) =>
        new WebApplicationFactory<ShopContext>().WithWebHostBuilder(builder =>
        {
            if (plainRun)
                builder.UseSetting("PlainRun", "yes");
            Configure(builder, [("Startup", startup), .. settings]);
        });

    private void Configure(IWebHostBuilder builder, (string Key, string Value)[] settings)
    {
        builder.UseContentRoot(_database.Folder.Path);
        foreach (var (key, value) in _database.Settings)
            builder.UseSetting(key, value);
        foreach (var (key, value) in settings)
            builder.UseSetting($"MigrationHost:{key}", value);
    }

    private sealed class Queue;

    private sealed class Refuses : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("the queue is down");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
