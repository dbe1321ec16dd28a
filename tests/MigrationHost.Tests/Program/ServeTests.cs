using System.Net;
using System.Runtime.InteropServices;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace MigrationHost.Tests.Program;

/// <summary><c>serve</c> over a real port, and in the test server that applications are tested with.</summary>
public sealed class ServeTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task It_listens_at_once_names_the_blocker_and_becomes_ready_by_itself()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        await using var serving = await ServingProgram.StartAsync(_database.Folder.Path, _database.Arguments());

        var status = await serving.DatabaseAsync(status => status.GetProperty("blocked").GetBoolean());
        Assert.Equal((holder.Pid, "sqlite3", "EXCLUSIVE"), (status.GetProperty("blockers")[0].GetProperty("pid").GetInt32(), status.GetProperty("blockers")[0].GetProperty("program").GetString(), status.GetProperty("blockers")[0].GetProperty("holds").GetString()));
        Assert.Equal((503, 200, 200), (await serving.StatusCodeAsync("/health/ready"), await serving.StatusCodeAsync("/health/live"), await serving.StatusCodeAsync("/health/startup")));
        Assert.Equal(503, await serving.StatusCodeAsync("/anything"));
        Assert.Matches(@"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d WRN app: blocked: sqlite3", serving.Program.Output);

        await holder.ReleaseAsync();
        await serving.ReadyAsync();
        serving.Program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await serving.Program.ExitAsync());
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_slow_migration_never_kills_liveness()
    {
        _database.Migration("2_slow", _database.Slow);
        await using var serving = await ServingProgram.StartAsync(_database.Folder.Path, [.. _database.Arguments(("Timeouts:StallAfter", "00:00:00.200"))]);

        var looks = 0;
        await Eventually.BecomesTrueAsync(async () =>
        {
            Assert.Equal(200, await serving.StatusCodeAsync("/health/live"));
            Assert.Equal(200, await serving.StatusCodeAsync("/health/startup"));
            Assert.False((await serving.GetAsync("/migrations")).GetProperty("blocked").GetBoolean());
            looks++;
            return await serving.StatusCodeAsync("/health/ready") == 200;
        });
        Assert.True(looks > 3, "the slow migration was too fast for this test");
    }

    [Theory]
    [InlineData("1_create", "INSERT INTO nowhere VALUES (1);", 4)]
    [InlineData("late", "SELECT 1;", 7)]
    public async Task With_stop_host_a_failure_ends_the_process_with_its_code(string name, string sql, int expected)
    {
        _database.Migration(name, sql);
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["serve", .. _database.Arguments(("OnFailure", "StopHost")), "--urls", "http://127.0.0.1:0"]);

        Assert.True(await program.ExitAsync() == expected, program.All);
    }

    [Fact]
    public async Task With_stay_unready_it_keeps_answering()
    {
        _database.Migration("2_break", "INSERT INTO nowhere VALUES (1);");
        await using var serving = await ServingProgram.StartAsync(_database.Folder.Path, _database.Arguments());

        var status = await serving.DatabaseAsync(status => status.GetProperty("phase").GetString() == "Failed");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, status.GetProperty("nextAttemptAt").ValueKind);
        Assert.Equal((503, 200), (await serving.StatusCodeAsync("/health/ready"), await serving.StatusCodeAsync("/health/live")));
        serving.Program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(143, await serving.Program.ExitAsync());
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGINT, 130)]
    public async Task In_block_mode_a_signal_ends_it_cleanly_before_anything_listens(PosixSignal signal, int expected)
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["serve", .. _database.Arguments(("Startup", "Block"), ("Timeouts:StallAfter", "00:00:00.100")), "--urls", "http://127.0.0.1:0"]);
        await Eventually.BecomesTrueAsync(() => program.Output.Contains("blocked", StringComparison.Ordinal) || program.HasExited, () => program.All);

        program.Signal(signal);

        Assert.True(await program.ExitAsync() == expected, program.All);
        Assert.DoesNotContain("Now listening", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", program.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGINT, 130)]
    public async Task A_failure_that_stays_keeps_a_blocked_start_from_opening_its_port(PosixSignal signal, int expected)
    {
        _database.Migration("2_break", "INSERT INTO nowhere VALUES (1);");
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["serve", .. _database.Arguments(("Startup", "Block")), "--urls", "http://127.0.0.1:0"]);
        await Eventually.BecomesTrueAsync(() => program.Output.Contains("MigrationFailed", StringComparison.Ordinal) || program.HasExited, () => program.All);

        program.Signal(signal);

        Assert.True(await program.ExitAsync() == expected, program.All);
        Assert.DoesNotContain("Now listening", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hang_that_cannot_be_interrupted_ends_within_the_grace_when_told_to_stop()
    {
        _database.Migration("2_hang", "SELECT instr(zeroblob(4000000), zeroblob(2000000) || x'01');");
        await using var serving = await ServingProgram.StartAsync(_database.Folder.Path, _database.Arguments(("Timeouts:Grace", "00:00:01")));
        await serving.DatabaseAsync(status => status.GetProperty("running").ValueKind == System.Text.Json.JsonValueKind.Object && status.GetProperty("running").GetProperty("version").GetString() == "2");

        serving.Program.Signal(PosixSignal.SIGTERM);

        Assert.Equal(143, await serving.Program.ExitAsync());
        Assert.Contains("abandoned", serving.Program.Output, StringComparison.Ordinal);

        // What it could not clean up, the next start does.
        File.Delete(_database.Folder["migrations/2_hang.sql"]);
        Assert.Equal(0, (await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", .. _database.Arguments()])).Code);
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task An_address_in_use_is_said_in_one_line()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["serve", .. _database.Arguments(), "--urls", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"]);

        Assert.True(await program.ExitAsync() == 2, program.All);
        Assert.Contains("address already in use", program.All, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "{0}")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:{0}")]
    [InlineData("Kestrel__Endpoints__a__Url", "http://127.0.0.1:{0}")]
    public async Task Every_way_to_choose_an_address_wins_over_the_default(string variable, string value)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        await using var program = new RunningProgram(MigrationHostProgram.Path, ["serve", .. _database.Arguments()], _database.Folder.Path, new Dictionary<string, string?>
        {
            [variable] = string.Format(System.Globalization.CultureInfo.InvariantCulture, value, port),
        });
        await Eventually.BecomesTrueAsync(() => program.Output.Contains("Now listening", StringComparison.Ordinal) || program.HasExited, () => program.All);

        Assert.Contains($":{port}", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("8080", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_runs_in_the_test_server_of_aspnet_core()
    {
        await using var factory = new WebApplicationFactory<global::Program>().WithWebHostBuilder(builder =>
        {
            builder.UseContentRoot(_database.Folder.Path);
            foreach (var (key, value) in _database.Settings)
                builder.UseSetting(key, value);
        });
        using var client = factory.CreateClient();

        await Eventually.BecomesTrueAsync(async () =>
        {
            using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        });
        Assert.Contains("\"current\":\"1\"", await client.GetStringAsync(new Uri("/migrations", UriKind.Relative)), StringComparison.Ordinal);
    }
}
