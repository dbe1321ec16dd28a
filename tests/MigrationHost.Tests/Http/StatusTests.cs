using System.Text.Json;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Tests.Http;

public sealed class StatusTests
{
    private static readonly string[] DocumentFields = ["phase", "ready", "blocked", "since", "instance", "version", "databases"];

    private static readonly string[] DatabaseFields =
    [
        "name", "provider", "engine", "target", "phase", "blocked", "since", "attempt", "nextAttemptAt", "current", "latest", "appliedCount", "pendingCount",
        "applied", "pending", "unknown", "changed", "running", "waitingFor", "blockers", "diagnosedAt", "error",
    ];

    [Fact]
    public async Task The_document_has_every_field_in_every_phase()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        await using var app = await TestApp.StartAsync(database, [("Timeouts:StallAfter", "00:00:00.100")]);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        var blocked = await DocumentAsync(app);
        var status = blocked.GetProperty("databases")[0];
        Assert.Equal(("Migrating", false, true), (blocked.GetProperty("phase").GetString(), blocked.GetProperty("ready").GetBoolean(), blocked.GetProperty("blocked").GetBoolean()));
        Assert.Equal("data/app.db", status.GetProperty("target").GetString());
        Assert.Equal(["version", "description", "statementsDone"], Names(status.GetProperty("pending")[0]));
        Assert.Equal(["version", "description", "statement", "statements", "line", "file", "elapsedMs"], Names(status.GetProperty("running")));
        Assert.Equal(["what", "elapsedMs", "limitMs", "activity"], Names(status.GetProperty("waitingFor")));
        var blocker = status.GetProperty("blockers")[0];
        Assert.Equal(["pid", "program", "thisProcess", "holds", "resource", "state", "forMs", "statement", "hint"], Names(blocker));
        Assert.Equal((holder.Pid, "RESERVED", "app.db", JsonValueKind.Null), (blocker.GetProperty("pid").GetInt32(), blocker.GetProperty("holds").GetString(), blocker.GetProperty("resource").GetString(), blocker.GetProperty("statement").ValueKind));
        Assert.EndsWith("Z", status.GetProperty("diagnosedAt").GetString(), StringComparison.Ordinal);

        var locks = JsonDocument.Parse(await app.Client.GetStringAsync(new Uri("/migrations/app/locks", UriKind.Relative))).RootElement;
        Assert.Equal(["database", "diagnosedAt", "complete", "note", "holders", "waiters"], Names(locks));
        Assert.Equal(holder.Pid, locks.GetProperty("holders")[0].GetProperty("pid").GetInt32());
        var waiter = locks.GetProperty("waiters")[0];
        Assert.Equal(["pid", "program", "waitsFor", "forMs", "blockedBy"], Names(waiter));
        Assert.Equal((Environment.ProcessId, holder.Pid), (waiter.GetProperty("pid").GetInt32(), waiter.GetProperty("blockedBy")[0].GetInt32()));

        await holder.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        var ready = (await DocumentAsync(app)).GetProperty("databases")[0];
        Assert.Equal(["version", "description", "checksum", "appliedAt", "durationMs", "appliedBy"], Names(ready.GetProperty("applied")[0]));
        Assert.All(new[] { "nextAttemptAt", "running", "waitingFor", "error" }, field => Assert.Equal(JsonValueKind.Null, ready.GetProperty(field).ValueKind));
        Assert.Equal(0, ready.GetProperty("blockers").GetArrayLength());
    }

    [Fact]
    public async Task An_error_is_told_without_its_sql()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\nINSERT INTO nowhere VALUES ('a secret');");
        await using var app = await TestApp.StartAsync(database);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Phase == MigrationPhase.Failed);

        var text = await app.Client.GetStringAsync(new Uri("/migrations", UriKind.Relative));
        var error = JsonDocument.Parse(text).RootElement.GetProperty("databases")[0].GetProperty("error");
        Assert.Equal(
            ["code", "exitCode", "message", "version", "file", "line", "statement", "output", "applied", "problems", "hint", "transient"],
            Names(error));
        Assert.Equal(("MigrationFailed", 4, "1", "migrations/1_create.sql", 2), (error.GetProperty("code").GetString(), error.GetProperty("exitCode").GetInt32(), error.GetProperty("version").GetString(), error.GetProperty("file").GetString(), error.GetProperty("line").GetInt32()));
        Assert.DoesNotContain("a secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("INSERT", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_show_statements_the_sql_and_the_holders_command_line_are_shown()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "INSERT INTO nowhere VALUES ('shown');");
        await using var app = await TestApp.StartAsync(database, [("Databases:app:ShowStatements", "true")]);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Phase == MigrationPhase.Failed);
        Assert.Contains("INSERT INTO nowhere", await app.Client.GetStringAsync(new Uri("/migrations", UriKind.Relative)), StringComparison.Ordinal);

        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        var locks = await app.Client.GetStringAsync(new Uri("/migrations/app/locks", UriKind.Relative));
        Assert.Contains($"sqlite3 -batch {database.Path}", locks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Brief_shows_phase_counts_and_codes_only()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_break", "INSERT INTO nowhere VALUES (1);");
        await using var app = await TestApp.StartAsync(database, [("Status", "Brief")]);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Phase == MigrationPhase.Failed);

        var document = await DocumentAsync(app);
        var status = document.GetProperty("databases")[0];
        Assert.Equal(("Failed", 1, 1, "MigrationFailed"), (status.GetProperty("phase").GetString(), status.GetProperty("appliedCount").GetInt32(), status.GetProperty("pendingCount").GetInt32(), status.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(JsonValueKind.Null, status.GetProperty("error").GetProperty("message").ValueKind);
        Assert.Equal(404, await app.StatusCodeAsync("/migrations/app/locks"));
        foreach (var path in new[] { "/health/ready", "/health/live", "/orders", "/migrations" })
        {
            using var answer = await app.Client.GetAsync(new Uri(path, UriKind.Relative));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotContain("nowhere", text, StringComparison.Ordinal);
            Assert.DoesNotContain("app.db", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Off_shows_nothing()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var app = await TestApp.StartAsync(database, [("Status", "Off")]);
        await app.State.WaitUntilReadyAsync();

        Assert.Equal(404, await app.StatusCodeAsync("/migrations"));
        Assert.Equal(404, await app.StatusCodeAsync("/migrations/app/locks"));
        Assert.Equal(200, await app.StatusCodeAsync("/health/ready"));
    }

    [Fact]
    public async Task Health_tells_ready_degraded_and_dead_apart_and_is_never_cached()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_hang", "SELECT instr(zeroblob(3000000), zeroblob(1500000) || x'01');");
        await using var app = await TestApp.StartAsync(database, [("Timeouts:Migration", "00:00:00.300"), ("Timeouts:Grace", "00:00:00.300")]);
        Assert.Equal(200, await app.StatusCodeAsync("/health/live"));

        await Eventually.BecomesTrueAsync(() => app.State.Current.Phase == MigrationPhase.Abandoned);
        using var dead = await app.Client.GetAsync(new Uri("/health/live", UriKind.Relative));
        Assert.Equal(503, (int)dead.StatusCode);
        Assert.True(dead.Headers.CacheControl?.NoStore);
        var body = JsonDocument.Parse(await dead.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("Unhealthy", body.GetProperty("status").GetString());
        Assert.Equal("Unhealthy", body.GetProperty("entries").GetProperty("app").GetProperty("status").GetString());
        Assert.Contains("abandoned", body.GetProperty("entries").GetProperty("app").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(503, await app.StatusCodeAsync("/health/ready"));
        Assert.Equal(200, await app.StatusCodeAsync("/health/startup"));
        Assert.Equal(503, await app.StatusCodeAsync("/orders"));
    }

    [Fact]
    public async Task The_registered_health_checks_say_the_same_by_tag()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var app = await TestApp.StartAsync(database);
        await app.State.WaitUntilReadyAsync();

        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Contains("ready", report.Entries["migrations"].Tags);
        Assert.Contains("live", report.Entries["migrationhost"].Tags);
    }

    [Fact]
    public async Task Several_databases_run_side_by_side_and_the_slowest_decides()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN EXCLUSIVE;");
        await using var app = await TestApp.StartAsync(database, [("Databases:other:ConnectionString", "Data Source=data/other.db"), ("Timeouts:StallAfter", "00:00:00.100")]);

        await Eventually.BecomesTrueAsync(() => app.State.Current.Databases.Any(status => status is { Name: "other", Phase: MigrationPhase.Ready }));
        var current = app.State.Current;
        Assert.Equal((MigrationPhase.Connecting, false), (current.Phase, current.Ready));
        Assert.Equal(503, await app.StatusCodeAsync("/orders"));

        await holder.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        Assert.Equal(200, await app.StatusCodeAsync("/orders"));
        Assert.Equal(MigrationPhase.Ready, app.State.Current.Phase);
    }

    private static async Task<JsonElement> DocumentAsync(TestApp app)
    {
        var document = JsonDocument.Parse(await app.Client.GetStringAsync(new Uri("/migrations", UriKind.Relative))).RootElement;
        Assert.Equal(DocumentFields, Names(document));
        Assert.All(document.GetProperty("databases").EnumerateArray(), status => Assert.Equal(DatabaseFields, Names(status)));
        return document;
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);
}
