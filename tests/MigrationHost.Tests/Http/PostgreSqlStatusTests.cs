using System.Globalization;
using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Http;

/// <summary>Status and locks over HTTP, on a server that knows users, addresses and pids of its own.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlStatusTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private const string Ours = "datname = current_database() AND application_name LIKE 'migrationhost:%'";

    private static readonly (string, string)[] Impatient = [("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:01")];

    private readonly PostgreSqlTestDatabase _database = new(cluster) { AllowExistingTables = true };

    public async Task InitializeAsync()
    {
        await _database.QueryAsync("CREATE TABLE guarded (id integer)");
        _database.Migration("1_alter", "ALTER TABLE guarded ADD COLUMN more integer;");
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Our_own_waiter_carries_its_backend_pid_and_the_pids_that_hold_it_up()
    {
        await using var reader = await _database.HoldFromOutsideAsync("SELECT count(*) FROM guarded;");
        await using var app = await TestApp.StartAsync(_database, Impatient);
        var own = "";
        var waits = $"SELECT pid FROM pg_stat_activity WHERE {Ours} AND wait_event_type = 'Lock'";
        await Eventually.BecomesTrueAsync(async () => (own = await _database.QueryAsync(waits)).Length > 0);

        var waiter = await WaiterAsync(app, waiter => !waiter.At("pid").IsNull() && waiter.At("blockedBy").GetArrayLength() > 0);

        Assert.Equal(int.Parse(own, CultureInfo.InvariantCulture), waiter.At("pid").GetInt32());
        Assert.Equal([reader.Pid], waiter.At("blockedBy").EnumerateArray().Select(pid => pid.GetInt32()));
        Assert.Equal($"migrationhost {Instance.Name}", waiter.At("program").GetString());
    }

    [Fact]
    public async Task While_the_turn_is_waited_for_our_waiter_is_the_session_that_asks()
    {
        await using var reader = await _database.HoldFromOutsideAsync("SELECT count(*) FROM guarded;");
        await using var first = _database.Host(Impatient);
        var run = first.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => first.Status.Blocked);
        await using var app = await TestApp.StartAsync(_database, Impatient);

        var waiter = await WaiterAsync(
            app,
            waiter => waiter.At("waitsFor").GetString()!.StartsWith("the turn", StringComparison.Ordinal) && !waiter.At("pid").IsNull());

        Assert.Equal("1", await _database.QueryAsync($"SELECT count(*) FROM pg_stat_activity WHERE pid = {waiter.At("pid")} AND {Ours}"));

        await reader.ReleaseAsync();
        Assert.Null(await run);
        await app.State.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task In_brief_a_state_names_no_user_address_or_table()
    {
        await _database.QueryAsync("CREATE TABLE other (id integer); INSERT INTO other VALUES (1)");
        await _database.QueryAsync("BEGIN; LOCK TABLE guarded IN ACCESS SHARE MODE; PREPARE TRANSACTION 'left over'");
        await using var root = await _database.HoldFromOutsideAsync("UPDATE other SET id = 2;");
        await using var middle = await _database.HoldFromOutsideAsync("SELECT count(*) FROM guarded;", "UPDATE other SET id = 3;");
        await using var app = await TestApp.StartAsync(_database, [.. Impatient, ("Status", "Brief")]);
        var blockers = default(JsonElement);
        await Eventually.BecomesTrueAsync(
            async () => (blockers = (await app.JsonAsync("/migrations")).At("databases", 0, "blockers")).GetArrayLength() == 3,
            () => $"{blockers}");

        var states = blockers.EnumerateArray().Select(blocker => blocker.At("state").GetString()!).ToList();

        Assert.Contains(states, state => state.StartsWith("prepared ", StringComparison.Ordinal));
        Assert.Contains(states, state => state.StartsWith("idle in transaction", StringComparison.Ordinal));
        Assert.Contains(states, state => state.StartsWith("waits itself", StringComparison.Ordinal));
        foreach (var path in new[] { "/migrations", "/health/live", "/health/ready", "/orders" })
        {
            var text = await app.TextAsync(path);
            foreach (var name in new[] { "user ", "127.0.0.1", "psql", "guarded", "left over", _database.Name, "alter", $"{root.Pid}" })
                Assert.DoesNotContain(name, text, StringComparison.Ordinal);
        }
        await _database.QueryAsync("ROLLBACK PREPARED 'left over'");
    }

    private static async Task<JsonElement> WaiterAsync(TestApp app, Func<JsonElement, bool> condition)
    {
        JsonElement locks = default, found = default;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                locks = await app.JsonAsync("/migrations/app/locks");
                found = locks.At("waiters").EnumerateArray().FirstOrDefault(condition);
                return found.ValueKind == JsonValueKind.Object;
            },
            () => $"{locks}");
        return found;
    }
}
