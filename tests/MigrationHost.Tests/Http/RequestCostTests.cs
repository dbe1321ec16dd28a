using System.Diagnostics;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Span = System.Diagnostics.Activity;

namespace MigrationHost.Tests.Http;

/// <summary>However many ask for health, status, page, metrics or the application: the database does not notice.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class RequestCostTests : IAsyncLifetime
{
    private const int Rounds = 300;

    private static readonly string[] Paths = ["/health/live", "/health/ready", "/health/startup", "/migrations", "/orders", "/metrics"];

    /// <summary>The run itself asks as little as it can.</summary>
    private static readonly (string, string)[] Patient =
        [("Timeouts:StallAfter", "01:00:00"), ("Timeouts:LockAttempt", "01:00:00"), ("Timeouts:Lock", "02:00:00"), ("Metrics", "On")];

    private readonly PostgreSqlTestDatabase _database;
    private readonly ActivityListener _listener;
    private int _statements;

    public RequestCostTests(PostgreSqlCluster cluster)
    {
        _database = new PostgreSqlTestDatabase(cluster) { AllowExistingTables = true };
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Count,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public async Task InitializeAsync()
    {
        await _database.QueryAsync("CREATE TABLE orders (id integer)");
        _database.Migration("1_create", "CREATE TABLE a (id integer);");
        _database.Migration("2_add_total", "ALTER TABLE orders ADD COLUMN total integer;");
    }

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_the_database_gets_does_not_grow_with_them_blocked_or_ready()
    {
        await using var holder = await _database.HoldFromOutsideAsync("SELECT * FROM orders;");
        await using var app = await TestApp.StartAsync(_database, Patient, map: Map);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Databases[0].Running is { Version: "2", Statement: 1 });
        await BlockedOnServerAsync();

        var before = _statements;
        Assert.True(before > 0);
        var clock = Stopwatch.StartNew();
        var asked = await AskAllAsync(app);

        // The run looks after its own statement a few times a second, whoever asks.
        Assert.InRange(_statements - before, 0, Math.Min(asked / 2, 20 * (int)(clock.Elapsed.TotalSeconds + 1)));

        await holder.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        before = _statements;
        await AskAllAsync(app);
        Assert.Equal(before, _statements);
    }

    [Fact]
    public async Task All_who_ask_for_the_locks_within_a_second_share_one_look()
    {
        await using var app = await TestApp.StartAsync(_database, Patient, map: Map);
        await app.State.WaitUntilReadyAsync();
        var before = _statements;
        await app.TextAsync("/migrations/app/locks");
        var ofOne = _statements - before;
        Assert.True(ofOne > 0);

        var clock = Stopwatch.StartNew();
        before = _statements;
        for (var round = 0; round < 10; round++)
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.TextAsync("/migrations/app/locks")));

        // One a second, and those at either end.
        Assert.InRange(_statements - before, 0, ofOne * (int)(clock.Elapsed.TotalSeconds + 2));
    }

    private static void Map(WebApplication app)
    {
        app.MapMigrationHealth();
        app.MapMigrationStatus();
        app.MapMigrationMetrics();
    }

    /// <returns>How many requests that were.</returns>
    private static async Task<int> AskAllAsync(TestApp app)
    {
        var asked = 0;
        foreach (var accept in new[] { "text/html", "application/json" })
        {
            foreach (var path in Paths)
            {
                await Task.WhenAll(Enumerable.Range(0, Rounds).Select(_ => AskAsync(app, path, accept)));
                asked += Rounds;
            }
        }
        return asked;
    }

    private static async Task AskAsync(TestApp app, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await app.Client.SendAsync(request);
        Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync());
    }

    private Task BlockedOnServerAsync() => Eventually.BecomesTrueAsync(
        async () => await _database.QueryAsync("SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == "1");

    private void Count(Span span)
    {
        if (span.GetTagItem("db.namespace") is string name && name == _database.Name)
            Interlocked.Increment(ref _statements);
    }
}
