using MigrationHost.Hosting;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MigrationHost.Tests.Hosting;

/// <summary>The end of a process: it comes, with the run's own code, whatever the host still does.</summary>
[Collection(ExitCodeOfTheProcess)]
public sealed class HostRunTests : IAsyncLifetime
{
    /// <summary>There is one for all tests: those whose host sets it, or ends with it, run one after the other.</summary>
    public const string ExitCodeOfTheProcess = "the exit code of the process";

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_a", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        Environment.ExitCode = 0;
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("CREATE TABLE b (id INTEGER);", 0)]
    [InlineData("INSERT INTO nowhere VALUES (1);", 4)]
    public async Task A_service_that_never_lets_go_takes_the_code_from_nobody(string sql, int expected)
    {
        _database.Migration("2_b", sql);
        var host = Build([("OnFailure", "StopHost")], services =>
        {
            services.AddHostedService<NeverGone>();
            services.PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        });
        var state = host.Services.GetRequiredService<IMigrationState>();
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();

        var run = HostRun.RunAsync(host);
        await Eventually.BecomesTrueAsync(() => state.Current.Phase is MigrationPhase.Ready or MigrationPhase.Failed, () => $"{state.Current.Phase}");
        lifetime.StopApplication();

        Assert.Equal(expected, await run);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_application_says_as_its_exit_code_is_not_lost(bool ready)
    {
        await using var holder = ready ? null : await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        var host = Build([]);
        var state = host.Services.GetRequiredService<IMigrationState>();
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();

        var run = HostRun.RunAsync(host);
        var phase = ready ? MigrationPhase.Ready : MigrationPhase.Migrating;
        await Eventually.BecomesTrueAsync(() => state.Current.Phase == phase, () => $"{state.Current.Phase}");
        Environment.ExitCode = 70; // as a worker does that cannot go on
        lifetime.StopApplication();

        Assert.Equal(70, await run);
    }

    [Theory]
    [InlineData("00:00:00.200", MigrationPhase.Failed, 5)]
    [InlineData("01:00:00", MigrationPhase.Migrating, 143)]
    public async Task A_start_in_block_that_is_cancelled_ends_with_the_code_of_what_kept_it(string limit, MigrationPhase phase, int expected)
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        using var host = Build([("Startup", "Block"), ("RetryInterval", "01:00:00"), ("Timeouts:Lock", limit)]);
        var state = host.Services.GetRequiredService<IMigrationState>();
        using var caller = new CancellationTokenSource();

        var run = HostRun.RunAsync(new StartedBy(host, caller.Token));
        await Eventually.BecomesTrueAsync(() => state.Current.Phase == phase, () => $"{state.Current.Phase}");
        await caller.CancelAsync();

        Assert.Equal(expected, await run);
        Assert.Equal(MigrationPhase.Stopped, state.Current.Phase);
    }

    private IHost Build((string Key, string Value)[] settings, Action<IServiceCollection>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _database.Folder.Path });
        builder.Configuration.AddInMemoryCollection(_database.Settings);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value)));
        builder.Services.AddMigrationHost(builder.Configuration);
        add?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>A host whose start is cancelled: by its limit, or by whoever starts it.</summary>
    private sealed class StartedBy(IHost host, CancellationToken caller) : IHost, IAsyncDisposable
    {
        public IServiceProvider Services => host.Services;

        public Task StartAsync(CancellationToken cancellationToken = default) => host.StartAsync(caller);

        public Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

        public void Dispose() => host.Dispose();

        public ValueTask DisposeAsync() => ((IAsyncDisposable)host).DisposeAsync();
    }

    private sealed class NeverGone : IHostedService, IAsyncDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async ValueTask DisposeAsync() => await new TaskCompletionSource().Task;
    }
}
