using System.Net;
using System.Net.Sockets;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Http;

/// <summary>In Gate the server has the first word, in anybody's application: what it cannot listen on ends the start before a database is
/// touched.</summary>
public sealed class ServerFirstTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private readonly LogLines _log = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_port_that_code_has_chosen_and_somebody_has_taken_ends_with_2_before_a_database_is_touched()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var code = await App(kestrel => kestrel.Listen((IPEndPoint)listener.LocalEndpoint)).RunWithMigrationsAsync();

        Assert.Equal(2, code);
        Assert.Contains(_log.All, line =>
            line.Contains("the server cannot listen", StringComparison.Ordinal)
            && line.Contains("address already in use", StringComparison.Ordinal));
        Assert.False(File.Exists(_database.Path));
    }

    [Fact]
    public async Task A_certificate_that_is_missing_ends_with_2_before_a_database_is_touched()
    {
        var app = App(_ => { });
        app.Urls.Add("https://127.0.0.1:0");

        var code = await app.RunWithMigrationsAsync();

        Assert.Equal(2, code);
        Assert.DoesNotContain(_log.All, line => line.Contains("the host failed", StringComparison.Ordinal));
        Assert.False(File.Exists(_database.Path));
    }

    [Fact]
    public async Task A_hosted_service_that_waits_for_ready_in_its_own_start_does_not_wait_for_ever()
    {
        await using var app =
            App(kestrel => kestrel.Listen(IPAddress.Loopback, 0), services => services.AddHostedService<WaitsInItsStart>());

        await app.StartAsync();

        Assert.True(app.Services.GetRequiredService<IMigrationState>().Current.Ready);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_service_of_the_application_that_fails_to_start_is_not_taken_for_an_address()
    {
        var code = await App(kestrel => kestrel.Listen(IPAddress.Loopback, 0), services => services.AddHostedService<FailsToStart>())
            .RunWithMigrationsAsync();

        Assert.Equal(1, code);
        Assert.False(File.Exists(_database.Path));
    }

    private WebApplication App(Action<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions> listen,
        Action<IServiceCollection>? add = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _database.Folder.Path });
        builder.Configuration.AddInMemoryCollection(_database.Settings);
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.ConfigureKestrel(listen);
        builder.Services.AddMigrationHost(builder.Configuration);
        add?.Invoke(builder.Services);
        return builder.Build();
    }

    private sealed class WaitsInItsStart(IMigrationState state) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => state.WaitUntilReadyAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class FailsToStart : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("no licence");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
