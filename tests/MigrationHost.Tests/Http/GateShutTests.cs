using System.Net;
using System.Net.WebSockets;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;

namespace MigrationHost.Tests.Http;

/// <summary>Until ready nothing of an application runs, whatever it is made of, and health and status answer all the same.</summary>
public sealed class GateShutTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private Sqlite3? _holder;
    private int _touched;

    public async Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        _database.Folder.Write("wwwroot/hello.txt", "hello");
        _database.Folder.Write("wwwroot/health/live", "a file");
        _holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
    }

    public async Task DisposeAsync()
    {
        await _holder!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Branches_terminal_middleware_files_fallbacks_and_controllers_are_refused()
    {
        await using var app = await TestApp.StartAsync(_database, configure: Everything, build: builder =>
        {
            TestApp.OnSocket(builder);
            builder.Services.AddControllers().AddApplicationPart(typeof(GateShutTests).Assembly);
        });
        string[] targets =
        [
            "/api", "/api/x", "/api/migrations", "/api/x/health/live", "/api/health/ready", "/API/health/live", "/api/app/locks",
            "/api/migrations/app/locks",
            "/orders?branch=1", "/when/x", "/when/health/live", "/x/about", "/about/x", "/hello.txt", "/controller", "/", "/nowhere",
            "/hub", "/hub/negotiate", "/group/orders", "/health", "/health/", "/health/live/x", "/migrations/app", "/migrations/a/b/locks",
            "/migrations/app/locks/x", "//health/live", "/health//live", "/health/live//", "/migrations//app/locks", "/health%2Flive",
            "/%2Fhealth/live", "/health%5Clive", "/x/%2e%2e/health%2flive", "/api/../orders", "/health/../orders",
            "/health/live/../../orders", "/health/live/%2e%2e/x", "/health/live;x", $"{new string('/', 8000)}",
        ];
        foreach (var target in targets)
            Assert.True(await RawHttp.StatusCodeAsync(app.Address, $"GET {target}") == 503, target);
        foreach (var method in new[] { "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND" })
        {
            foreach (var target in new[] { "/orders", "/health/live", "/migrations", "/about", "/api/x" })
            {
                var line = $"{method} {target}";
                Assert.True(await RawHttp.StatusCodeAsync(app.Address, line, "Content-Length: 0") == 503, line);
            }
        }
        Assert.Equal(503, await RawHttp.StatusCodeAsync(app.Address, "OPTIONS *"));
        Assert.Equal(503, await RawHttp.StatusCodeAsync(app.Address, "HEAD /orders"));
        string[] upgrade =
        [
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        ];
        Assert.Equal(503, await RawHttp.StatusCodeAsync(app.Address, "GET /hub", upgrade));

        Assert.Equal(0, _touched);
        string[] ours =
        [
            "/health/live", "/HEALTH/Live", "/health/live/", "/migrations", "/migrations/", "/Migrations/app/locks", "/x/../health/live",
            "/health/%6Cive", "/migrations?branch=1",
        ];
        foreach (var target in ours)
            Assert.True(await RawHttp.StatusCodeAsync(app.Address, $"GET {target}") == 200, target);
        Assert.Equal(0, _touched);
    }

    [Fact]
    public async Task A_pipeline_that_answers_everything_does_so_only_once_ready()
    {
        await using var app = await TestApp.StartAsync(_database, configure: app => app.Run(TouchAsync));
        await AnswersItselfAsync(app);
        Assert.Equal("about", await app.TextAsync("/about"));

        await _holder!.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        Assert.Equal(("touched", "touched"), (await app.TextAsync("/health/live"), await app.TextAsync("/about")));
    }

    [Fact]
    public async Task Endpoints_of_the_application_with_the_same_paths_wait_until_ready()
    {
        await using var app = await TestApp.StartAsync(_database, configure: app =>
        {
            app.MapGet("/health/live", TouchAsync).WithOrder(-1);
            app.MapGet("/migrations", TouchAsync).ShortCircuit();
            app.Map("/{a}/{b}", TouchAsync);
            app.Map("/{**all}", TouchAsync).WithOrder(-2);
        });
        await AnswersItselfAsync(app);

        // What is marked waits for its turn in the application's routing, as it will once ready.
        Assert.Equal(503, await app.StatusCodeAsync("/about"));
    }

    [Fact]
    public async Task On_http_2_it_is_the_same()
    {
        await using var app = await TestApp.StartAsync(_database, configure: Everything, build: builder =>
        {
            builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
            builder.Services.AddControllers();
        });
        app.Client.DefaultRequestVersion = HttpVersion.Version20;
        app.Client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await AnswersItselfAsync(app);
        Assert.Equal([503, 503, 200], await app.StatusCodesAsync("/api/health/live", "/orders", "/migrations/app/locks"));

        // A WebSocket over HTTP/2 begins with CONNECT.
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        var hub = new Uri($"ws://{app.Address.Authority}/hub");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(hub, invoker, CancellationToken.None));
        Assert.Equal(0, _touched);
    }

    [Fact]
    public async Task The_refusal_has_no_body_for_head_and_is_never_cached()
    {
        await using var app = await TestApp.StartAsync(_database);
        (string, int)[] answers =
        [
            ("/orders", 503), ("/health/ready", 503), ("/health/live", 200), ("/migrations", 200), ("/migrations/app/locks", 200),
            ("/migrations/other/locks", 404),
        ];
        foreach (var (path, code) in answers)
        {
            using var get = await app.Client.GetAsync(new Uri(path, UriKind.Relative));
            using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            Assert.All(new[] { get, head }, answer =>
            {
                Assert.True((int)answer.StatusCode == code, path);
                Assert.True(answer.Headers.CacheControl?.NoStore, path);
                Assert.Equal(["Accept"], answer.Headers.Vary);
                Assert.Equal(path == "/orders", answer.Headers.RetryAfter is not null);
            });
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_very_long_name_of_a_database_is_not_found_and_not_repeated()
    {
        await using var app = await TestApp.StartAsync(_database, build: TestApp.OnSocket);
        Assert.Equal(404, await RawHttp.StatusCodeAsync(app.Address, $"GET /migrations/{new string('x', 7000)}/locks"));
        Assert.Equal("", await app.TextAsync("/migrations/secret/locks"));
    }

    private async Task AnswersItselfAsync(TestApp app)
    {
        Assert.Equal("Healthy", (await app.JsonAsync("/health/live")).At("status").GetString());
        Assert.Equal("app", (await app.JsonAsync("/migrations")).At("databases", 0, "name").GetString());
        Assert.Equal([503, 200, 503], await app.StatusCodesAsync("/health/ready", "/health/startup", "/nowhere"));
        Assert.Equal(0, _touched);
    }

    private void Everything(WebApplication app)
    {
        app.Use((context, next) =>
        {
            _touched++;
            return next(context);
        });
        app.Map("/api", api =>
        {
            api.UseRouting();
            api.UseEndpoints(endpoints => endpoints.MapGet("/orders", TouchAsync));
            api.Run(TouchAsync);
        });
        app.MapWhen(context => context.Request.Query.ContainsKey("branch"), branch => branch.Run(TouchAsync));
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/when"), branch => branch.Run(TouchAsync));
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(_database.Folder["wwwroot"]),
            ServeUnknownFileTypes = true,
        });
        app.UseWebSockets();
        app.MapControllers();
        app.Map("/hub", TouchAsync);
        app.MapPost("/hub/negotiate", TouchAsync);
        app.MapGroup("/group").MapGet("/orders", TouchAsync);
        app.MapGet("/{x}/health/live", TouchAsync);
        app.MapFallbackToFile("hello.txt");
    }

    private Task TouchAsync(HttpContext context)
    {
        _touched++;
        return context.Response.WriteAsync("touched");
    }
}
