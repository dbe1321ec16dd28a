using MigrationHost.Hosting;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MigrationHost.Tests.Hosting;

/// <summary>The end of a process: it comes, with the run's own code, whatever the host still does.</summary>
public sealed class HostRunTests
{
    [Theory]
    [InlineData("CREATE TABLE a (id INTEGER);", 0)]
    [InlineData("INSERT INTO nowhere VALUES (1);", 4)]
    public async Task A_service_that_never_lets_go_takes_the_code_from_nobody(string sql, int expected)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_a", sql);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = database.Folder.Path });
        builder.Configuration.AddInMemoryCollection(database.Settings);
        builder.Configuration.AddInMemoryCollection([new("MigrationHost:OnFailure", "StopHost")]);
        builder.Services.AddMigrationHost(builder.Configuration);
        builder.Services.AddHostedService<NeverGone>();
        builder.Services.PostConfigure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        var host = builder.Build();
        var state = host.Services.GetRequiredService<IMigrationState>();
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();

        var run = HostRun.RunAsync(host);
        await Eventually.BecomesTrueAsync(() => state.Current.Phase is MigrationPhase.Ready or MigrationPhase.Failed, () => $"{state.Current.Phase}");
        lifetime.StopApplication();

        Assert.Equal(expected, await run);
    }

    private sealed class NeverGone : IHostedService, IAsyncDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async ValueTask DisposeAsync() => await new TaskCompletionSource().Task;
    }
}
