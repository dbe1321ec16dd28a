using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Support;

/// <summary>Somebody else's application with MigrationHost in it, on a server in memory or on a socket.</summary>
/// <remarks>Its status is full, unless a test says otherwise.</remarks>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly Lazy<HttpClient> _client;

    private TestApp(WebApplication app)
    {
        _app = app;
        _client = new Lazy<HttpClient>(() => app.Services.GetRequiredService<IServer>() is TestServer server
            ? server.CreateClient()
            : new HttpClient { BaseAddress = Address });
    }

    public HttpClient Client => _client.Value;

    /// <summary>Where it listens on a socket.</summary>
    public Uri Address => new(_app.Urls.First());

    public IServiceProvider Services => _app.Services;

    public IMigrationState State => _app.Services.GetRequiredService<IMigrationState>();

    /// <summary>Starts it; with <c>Startup=Block</c> that takes until the databases are ready.</summary>
    public static async Task<TestApp> StartAsync(
        TestDatabase database,
        (string Key, string Value)[]? settings = null,
        Action<WebApplication>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null)
    {
        var app = Create(database, settings, configure, build, map);
        await app._app.StartAsync();
        return app;
    }

    /// <param name="database">The database to migrate.</param>
    /// <param name="settings">Below <c>MigrationHost</c>.</param>
    /// <param name="configure">The pipeline, before the endpoints.</param>
    /// <param name="build">The server and more services; a server in memory where it is left out.</param>
    /// <param name="map">How health and status are mapped; plainly where it is left out.</param>
    public static TestApp Create(
        TestDatabase database,
        (string Key, string Value)[]? settings = null,
        Action<WebApplication>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = database.Folder.Path });
        builder.Configuration["MigrationHost:Status"] = "Full";
        foreach (var (key, value) in settings ?? [])
            builder.Configuration[$"MigrationHost:{key}"] = value;
        builder.Configuration.AddInMemoryCollection(database.Settings);
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddMigrationHost(builder.Configuration);
        build?.Invoke(builder);
        var app = builder.Build();
        configure?.Invoke(app);
        (map ?? MapPlainly)(app);
        app.MapGet("/orders", () => "orders");
        app.MapGet("/about", () => "about").AllowBeforeReady();
        app.MapFallback(() => "fallback");
        return new TestApp(app);
    }

    /// <summary>On a port of its own instead of in memory.</summary>
    public static void OnSocket(WebApplicationBuilder builder) => builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");

    public Task StartAsync() => _app.StartAsync();

    public Task StopAsync() => _app.StopAsync();

    public async Task<int> StatusCodeAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return (int)answer.StatusCode;
    }

    public async Task<IReadOnlyList<int>> StatusCodesAsync(params IEnumerable<string> paths)
    {
        List<int> codes = [];
        foreach (var path in paths)
            codes.Add(await StatusCodeAsync(path));
        return codes;
    }

    public async Task<string> TextAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task<JsonElement> JsonAsync(string path) => JsonDocument.Parse(await TextAsync(path)).RootElement;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void MapPlainly(WebApplication app)
    {
        app.MapMigrationHealth();
        app.MapMigrationStatus();
    }
}
