using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MigrationHost.Tests.Http;

/// <summary>Who reads what: everything at the management address and in development, no names elsewhere.</summary>
public sealed class StatusDetailTests : IAsyncLifetime
{
    private static readonly (string, string)[] Impatient = [("Status", "Auto"), ("Timeouts:StallAfter", "00:00:00.100")];
    private static readonly string[] Paths =
    [
        "/migrations", "/health/ready", "/health/live", "/health/startup", "/orders", "/migrations/app/locks",
    ];

    private readonly SqliteTestDatabase _database = new();
    private Sqlite3? _holder;

    public async Task InitializeAsync()
    {
        _database.Migration("4711_create_customers", "CREATE TABLE a (id INTEGER);");
        _holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
    }

    public async Task DisposeAsync()
    {
        await _holder!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task By_default_traffic_sees_no_names_and_the_management_address_sees_all_whatever_a_request_says()
    {
        var port = FreePort();
        await using var app = await TestApp.StartAsync(
            _database, [.. Impatient, ("ManagementUrl", $"http://127.0.0.1:{port}")], build: TestApp.OnSocket);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        await AssertBriefAsync(app.Client);
        (string, string)[] lies =
        [
            ("Host", $"127.0.0.1:{port}"), ("X-Forwarded-Host", $"127.0.0.1:{port}"), ("X-Original-Host", $"127.0.0.1:{port}"),
            ("X-Forwarded-Port", $"{port}"), ("Forwarded", $"host=127.0.0.1:{port}"),
        ];
        foreach (var (header, value) in lies)
        {
            using var liar = new HttpClient { BaseAddress = app.Client.BaseAddress };
            liar.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
            await AssertBriefAsync(liar);
        }

        await AssertFullAsync(management);
        management.DefaultRequestHeaders.Host = app.Address.Authority;
        await AssertFullAsync(management);
        using var unknown = await management.GetAsync(new Uri("/orders", UriKind.Relative));
        Assert.Equal((HttpStatusCode.NotFound, true), (unknown.StatusCode, unknown.Headers.CacheControl?.NoStore));
    }

    [Fact]
    public async Task A_test_server_and_a_unix_socket_are_traffic()
    {
        await using (var inMemory = await TestApp.StartAsync(_database, Impatient))
        {
            await Eventually.BecomesTrueAsync(() => inMemory.State.Current.Blocked);
            await AssertBriefAsync(inMemory.Client);
        }

        var path = _database.Folder["socket"];
        await using var app = await TestApp.StartAsync(
            _database, Impatient, build: builder => builder.WebHost.UseKestrel(kestrel => kestrel.ListenUnixSocket(path)));
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = new Uri("http://localhost") };
        await AssertBriefAsync(client);
    }

    [Fact]
    public async Task In_development_everything_shows()
    {
        await using var app = await TestApp.StartAsync(
            _database, Impatient, build: builder => builder.Environment.EnvironmentName = Environments.Development);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        await AssertFullAsync(app.Client);
    }

    [Theory]
    [InlineData("by authorization")]
    [InlineData("by the policy of all endpoints")]
    [InlineData("by host")]
    public async Task Who_may_not_ask_for_the_status_reads_no_names_in_the_refusal_and_in_health_either(string restricted)
    {
        await using var app = await TestApp.StartAsync(
            _database,
            [("Timeouts:StallAfter", "00:00:00.100")],
            build: builder =>
            {
                builder.Services.AddAuthentication().AddBearerToken();
                builder.Services.AddAuthorization(options =>
                    options.FallbackPolicy = restricted == "by the policy of all endpoints" ? options.DefaultPolicy : null);
            },
            map: app =>
            {
                var status = app.MapMigrationStatus();
                _ = restricted switch
                {
                    "by authorization" => status.RequireAuthorization(),
                    "by host" => status.RequireHost("operators.internal"),
                    _ => status,
                };
            });
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        foreach (var path in Paths)
            await AssertNamelessAsync(app.Client, path);
        var checks = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal("app: Migrating, 0 applied, 1 pending, blocked", checks.Entries["migrations"].Description);
        app.Client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        Assert.DoesNotContain("sqlite3", await app.TextAsync("/orders"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_that_is_as_restricted_as_the_status_says_names_as_that_does()
    {
        await using var app = await TestApp.StartAsync(
            _database,
            [("Timeouts:StallAfter", "00:00:00.100")],
            map: app =>
            {
                app.MapMigrationStatus().RequireHost("operators.internal");
                app.MapMigrationHealth().RequireHost("operators.internal");
            });
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        foreach (var path in Paths)
            await AssertNamelessAsync(app.Client, path);
        app.Client.DefaultRequestHeaders.Host = "operators.internal";
        await AssertFullAsync(app.Client);
    }

    [Theory]
    [InlineData("Brief")]
    [InlineData("Off")]
    public async Task What_is_set_counts_on_the_management_address_too(string detail)
    {
        var port = FreePort();
        await using var app = await TestApp.StartAsync(
            _database, [.. Impatient, ("Status", detail), ("ManagementUrl", $"http://127.0.0.1:{port}")]);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        using var status = await management.GetAsync(new Uri("/migrations", UriKind.Relative));
        Assert.Equal(detail == "Off" ? HttpStatusCode.NotFound : HttpStatusCode.OK, status.StatusCode);
        foreach (var path in Paths)
            await AssertNamelessAsync(management, path);
    }

    [Fact]
    public async Task The_registered_health_checks_say_no_names_to_whoever_shows_them()
    {
        await using var app = await TestApp.StartAsync(_database, Impatient);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal("app: Migrating, 0 applied, 1 pending, blocked", report.Entries["migrations"].Description);
    }

    [Fact]
    public async Task Brief_has_every_field_and_of_each_only_phase_counts_times_and_codes()
    {
        await using var app = await TestApp.StartAsync(_database, [.. Impatient, ("Timeouts:Lock", "00:00:03")]);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);
        var document = await JsonAsync(app.Client, "/migrations");
        var status = document.At("databases", 0);
        var blocker = status.At("blockers", 0);
        AssertNull(document, "instance");
        AssertNull(status, "target", "current", "latest");
        AssertNull(blocker, "pid", "program", "resource", "statement", "hint");
        AssertNull(status.At("running"), "version", "description", "line");
        AssertNull(status.At("waitingFor"), "what");
        Assert.All(new[] { "applied", "pending", "unknown", "changed" }, list => Assert.Equal(0, status.At(list).GetArrayLength()));
        Assert.Equal([0, 1, 1], new[] { "appliedCount", "pendingCount", "attempt" }.Select(count => status.At(count).GetInt32()));
        Assert.Equal((3000, "waiting"), (status.At("waitingFor", "limitMs").GetInt32(), status.At("waitingFor", "activity").GetString()));
        Assert.Equal(("RESERVED", "write transaction open"), (blocker.At("holds").GetString(), blocker.At("state").GetString()));
        Assert.All(new[] { blocker.At("forMs"), status.At("running", "elapsedMs") }, time => Assert.True(time.GetInt64() >= 0));

        await Eventually.BecomesTrueAsync(() => app.State.Current.Phase == MigrationPhase.Failed);
        var error = (await JsonAsync(app.Client, "/migrations")).At("databases", 0, "error");
        Assert.Equal(("Blocked", 5), (error.At("code").GetString(), error.At("exitCode").GetInt32()));
        Assert.True(error.At("transient").GetBoolean());
        AssertNull(error, "message", "version", "file", "line", "hint");
        Assert.Equal("app: Failed (Blocked), 0 applied, 1 pending", (await JsonAsync(app.Client, "/orders")).At("detail").GetString());
    }

    private static void AssertNull(JsonElement element, params string[] fields) =>
        Assert.All(fields, field => Assert.True(element.At(field).IsNull(), field));

    private async Task AssertBriefAsync(HttpClient client)
    {
        var document = await JsonAsync(client, "/migrations");
        Assert.Equal("write transaction open", document.At("databases", 0, "blockers", 0, "state").GetString());
        foreach (var path in Paths)
            await AssertNamelessAsync(client, path);
        using var locks = await client.GetAsync(new Uri("/migrations/app/locks", UriKind.Relative));
        Assert.Equal((HttpStatusCode.NotFound, true), (locks.StatusCode, locks.Headers.CacheControl?.NoStore));
    }

    private async Task AssertFullAsync(HttpClient client)
    {
        Assert.Equal(_holder!.Pid, (await JsonAsync(client, "/migrations")).At("databases", 0, "blockers", 0, "pid").GetInt32());
        Assert.Equal(_holder!.Pid, (await JsonAsync(client, "/migrations/app/locks")).At("holders", 0, "pid").GetInt32());
        var description = (await JsonAsync(client, "/health/ready")).At("entries", "app", "description").GetString();
        Assert.Contains("sqlite3", description, StringComparison.Ordinal);
    }

    private async Task AssertNamelessAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        string[] names =
        [
            "4711", "customers", "sqlite3", "app.db", "end it", Environment.MachineName, _database.Folder.Path, $"\"pid\":{_holder!.Pid}",
        ];
        foreach (var name in names)
            Assert.DoesNotContain(name, text, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
