using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Support;

/// <summary>Somebody else's application with MigrationHost in it, on a server in memory.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly Lazy<HttpClient> _client;

    private TestApp(WebApplication app)
    {
        _app = app;
        _client = new Lazy<HttpClient>(app.GetTestClient);
    }

    public HttpClient Client => _client.Value;

    public IServiceProvider Services => _app.Services;

    public IMigrationState State => _app.Services.GetRequiredService<IMigrationState>();

    /// <summary>Starts it; with <c>Startup=Block</c> that takes until the databases are ready.</summary>
    public static async Task<TestApp> StartAsync(TestDatabase database, (string Key, string Value)[]? settings = null, Action<WebApplication>? configure = null)
    {
        var app = Create(database, settings, configure);
        await app._app.StartAsync();
        return app;
    }

    public static TestApp Create(TestDatabase database, (string Key, string Value)[]? settings = null, Action<WebApplication>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = database.Folder.Path });
        builder.Configuration.AddInMemoryCollection([.. database.Settings, .. (settings ?? []).Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value))]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddMigrationHost(builder.Configuration);
        var app = builder.Build();
        configure?.Invoke(app);
        app.MapMigrationHealth();
        app.MapMigrationStatus();
        app.MapGet("/orders", () => "orders");
        app.MapGet("/about", () => "about").AllowBeforeReady();
        app.MapFallback(() => "fallback");
        return new TestApp(app);
    }

    public Task StartAsync() => _app.StartAsync();

    public async Task<int> StatusCodeAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return (int)answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
