using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace MigrationHost.Tests.Http;

public sealed class GateTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private Sqlite3? _holder;

    public async Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        _holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
    }

    public async Task DisposeAsync()
    {
        await _holder!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Until_ready_every_request_gets_503_as_a_problem_and_afterwards_its_answer()
    {
        await using var app = await TestApp.StartAsync(_database, [("Timeouts:StallAfter", "00:00:00.100")]);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        foreach (var path in new[] { "/orders", "/", "/nowhere", "/health", "/health/ready/x", "/migrations/app" })
        {
            using var refused = await app.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.True(refused.Headers.CacheControl?.NoStore);
            var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(["type", "title", "status", "detail"], problem.EnumerateObject().Select(property => property.Name));
            Assert.Contains($"sqlite3 (pid {_holder!.Pid})", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        Assert.Equal(200, await app.StatusCodeAsync("/about"));
        Assert.Equal(200, await app.StatusCodeAsync("/migrations"));
        Assert.Equal(200, await app.StatusCodeAsync("/migrations/app/locks"));
        Assert.Equal(404, await app.StatusCodeAsync("/migrations/other/locks"));
        Assert.Equal(200, await app.StatusCodeAsync("/health/live"));
        Assert.Equal(200, await app.StatusCodeAsync("/health/startup"));
        Assert.Equal(503, await app.StatusCodeAsync("/health/ready"));
        using (var post = await app.Client.PostAsync(new Uri("/orders", UriKind.Relative), null))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, post.StatusCode);

        await _holder!.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        Assert.Equal(200, await app.StatusCodeAsync("/health/ready"));
        Assert.Equal("orders", await app.Client.GetStringAsync(new Uri("/orders", UriKind.Relative)));
        Assert.Equal("fallback", await app.Client.GetStringAsync(new Uri("/", UriKind.Relative)));
    }

    [Fact]
    public async Task A_path_base_is_honoured_and_is_no_way_around_the_gate()
    {
        await using var app = await TestApp.StartAsync(_database, configure: app =>
        {
            app.UsePathBase("/shop");
            app.UseRouting();
            app.MapGet("/api/health/live", () => "not the probe");
            app.MapGet("/{anything}/about", (string anything) => anything);
        });

        Assert.Equal(200, await app.StatusCodeAsync("/shop/health/live"));
        Assert.Equal(503, await app.StatusCodeAsync("/shop/health/ready"));
        Assert.Equal(200, await app.StatusCodeAsync("/shop/migrations"));
        Assert.Equal(200, await app.StatusCodeAsync("/health/live"));
        Assert.Equal(503, await app.StatusCodeAsync("/shop/orders"));
        Assert.Equal(503, await app.StatusCodeAsync("/api/health/live"));
        Assert.Equal(503, await app.StatusCodeAsync("/shop/api/health/live"));
        Assert.Equal(503, await app.StatusCodeAsync("/x/about"));
    }

    [Fact]
    public async Task Requests_during_the_switch_see_either_the_one_or_the_other()
    {
        await using var app = await TestApp.StartAsync(_database);
        var seen = new ConcurrentBag<(int Code, string Body)>();
        using var stop = new CancellationTokenSource();
        var requests = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await app.Client.GetAsync(new Uri("/orders", UriKind.Relative));
                seen.Add(((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
            }
        })).ToList();

        await Eventually.BecomesTrueAsync(() => seen.Count > 50);
        await _holder!.ReleaseAsync();
        await Eventually.BecomesTrueAsync(() => seen.Any(answer => answer.Code == 200));
        await stop.CancelAsync();
        await Task.WhenAll(requests);

        Assert.All(seen, answer => Assert.True(answer is (503, _) or (200, "orders"), $"{answer}"));
        Assert.Contains(seen, answer => answer.Code == 503);
    }

    [Fact]
    public async Task In_block_mode_nothing_starts_until_ready_while_the_management_address_answers()
    {
        var port = FreePort();
        await using var app = TestApp.Create(_database, [("Startup", "Block"), ("ManagementUrl", $"http://127.0.0.1:{port}"), ("Timeouts:StallAfter", "00:00:00.100")]);
        var starting = app.StartAsync();
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        await Eventually.BecomesTrueAsync(async () => await AnswerAsync(management, "/migrations") is (200, var body) && body.Contains("\"blocked\":true", StringComparison.Ordinal));
        Assert.False(starting.IsCompleted);
        Assert.Equal(503, (await AnswerAsync(management, "/health/ready")).Code);
        Assert.Equal(200, (await AnswerAsync(management, "/health/live")).Code);
        Assert.Equal(404, (await AnswerAsync(management, "/orders")).Code);

        await _holder!.ReleaseAsync();
        await starting;
        Assert.Equal(200, await app.StatusCodeAsync("/orders"));
        Assert.Equal(200, (await AnswerAsync(management, "/health/ready")).Code);
    }

    private static async Task<(int Code, string Body)> AnswerAsync(HttpClient client, string path)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return (0, "");
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
