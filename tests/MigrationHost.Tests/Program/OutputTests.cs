using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>Whoever reads the program's output, or does not, changes neither what is applied nor how and when the program ends.</summary>
public sealed class OutputTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _database.Migration("2_add_orders", "CREATE TABLE orders (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData("2>/dev/full")]
    [InlineData(">/dev/full 2>&1")]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData(">&- 2>&-")]
    [InlineData("<&- >&- 2>&-")]
    public async Task An_output_that_takes_nothing_stops_no_run_in_the_middle(string redirections)
    {
        foreach (var form in new[] { "--json", "--database=app" })
        {
            await using var program = Redirected(redirections, ["migrate", form, .. _database.Arguments()]);
            Assert.True(await program.ExitAsync() == 0, program.All);
            Assert.Equal("1\n2", await _database.HistoryAsync());
        }
        _database.Migration("3_broken", "INSERT INTO nowhere VALUES (1);");
        await using var failing = Redirected(redirections, ["migrate", .. _database.Arguments()]);
        Assert.True(await failing.ExitAsync() == 4, failing.All);
        await using var asking = Redirected(redirections, ["status", .. _database.Arguments()]);
        Assert.True(await asking.ExitAsync() == 10, asking.All);
    }

    [Fact]
    public async Task An_answer_that_could_not_be_written_is_told_on_stderr()
    {
        foreach (var (redirection, why) in new[] { (">/dev/full", "No space left on device"), (">&-", "it is closed") })
        {
            await using var program = Redirected(redirection, ["status", .. _database.Arguments()]);
            Assert.Equal(10, await program.ExitAsync());
            Assert.Equal($"the answer could not be written to stdout: {why}", program.Errors.Trim());
        }
    }

    [Fact]
    public async Task A_reader_that_goes_away_stops_no_run_in_the_middle()
    {
        using var pipe = new StuckPipe();
        _database.Migration("2_add_orders", _database.Slow);
        await using var program = Redirected($">{pipe.Path}", ["migrate", .. _database.Arguments()]);
        await Eventually.BecomesTrueAsync(async () => File.Exists(_database.Path) && await TablesAsync() == "1", () => program.All);

        pipe.CloseReader();

        Assert.True(await program.ExitAsync() == 0, program.All);
        Assert.Equal("1\n2", await _database.HistoryAsync());
        Assert.Contains("the answer could not be written to stdout: its reader is gone", program.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Lock", "InProcess", 5)]
    [InlineData("Migration", "InProcess", 6)]
    [InlineData("Lock", "ChildProcess", 5)]
    [InlineData("Migration", "ChildProcess", 6)]
    public async Task Limits_hold_while_nobody_reads(string limit, string isolation, int expected)
    {
        await using var holder = limit == "Lock" ? await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;") : null;
        if (limit == "Migration")
            _database.Migration("2_add_orders", _database.Endless);
        using var pipe = new StuckPipe();
        await using var program = Redirected($">{pipe.Path} 2>&1", ["migrate", .. _database.Arguments(($"Timeouts:{limit}", "00:00:02"), ("Timeouts:StallAfter", "00:00:00.200"), ("Databases:app:Isolation", isolation))]);

        Assert.Equal(expected, await program.ExitAsync());
        if (holder is not null)
            await holder.ReleaseAsync();
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task An_answer_that_nobody_reads_is_told_on_stderr_and_the_code_is_that_of_the_run()
    {
        using var pipe = new StuckPipe();
        await using var program = Redirected($">{pipe.Path}", ["migrate", .. _database.Arguments()]);

        Assert.Equal(0, await program.ExitAsync());
        Assert.Contains("the answer on stdout is incomplete: nobody has read it for 10 s", program.Errors, StringComparison.Ordinal);
        Assert.Equal("1\n2", await _database.HistoryAsync());
    }

    [Theory]
    [InlineData("migrate", PosixSignal.SIGTERM, 143)]
    [InlineData("migrate", PosixSignal.SIGINT, 130)]
    [InlineData("serve", PosixSignal.SIGTERM, 143)]
    [InlineData("locks", PosixSignal.SIGTERM, 143)]
    public async Task A_signal_ends_it_while_nobody_reads(string command, PosixSignal signal, int expected)
    {
        _database.Migration("2_add_orders", _database.Endless);
        using var pipe = new StuckPipe();
        await using var program = Redirected($">{pipe.Path} 2>&1", [command, .. _database.Arguments(), .. command == "serve" ? ["--urls", "http://127.0.0.1:0"] : Array.Empty<string>()]);
        await Eventually.BecomesTrueAsync(async () => command == "locks" ? Processes.HasThread(program.Pid, "migrationhost-o") : File.Exists(_database.Path) && await TablesAsync() == "1", () => program.All);

        program.Signal(signal);

        Assert.Equal(expected, await program.ExitAsync());
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Serve_becomes_ready_and_stops_while_nobody_reads_its_log()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        free.Stop();
        using var pipe = new StuckPipe();
        await using var program = Redirected($">{pipe.Path} 2>&1", ["serve", "--urls", address.ToString(), .. _database.Arguments()]);
        using var client = new HttpClient();

        await Eventually.BecomesTrueAsync(ReadyAsync, () => program.All);
        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await program.ExitAsync());

        async Task<bool> ReadyAsync()
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(address, "/health/ready"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_slow_reader_gets_the_whole_answer()
    {
        for (var version = 3; version < 400; version++)
            _database.Migration($"{version}_more", "SELECT 1;");
        using var pipe = new StuckPipe();
        await using var program = Redirected($">{pipe.Path}", ["status", "--json", .. _database.Arguments()]);
        await Eventually.BecomesTrueAsync(() => Processes.HasThread(program.Pid, "migrationhost-o"), () => program.All);

        var answer = JsonDocument.Parse(await pipe.ReadAsync()).RootElement;

        Assert.Equal((10, ""), (await program.ExitAsync(), program.Errors));
        Assert.Equal(399, answer.GetProperty("databases")[0].GetProperty("pending").GetArrayLength());
    }

    [Fact]
    public async Task A_watch_ends_with_its_reader()
    {
        await using var program = new RunningProgram(
            "sh",
            ["-c", "{ \"$0\" locks --watch \"$@\"; echo code $? >&2; } | head -n 1", MigrationHostProgram.Path, .. _database.Arguments()],
            _database.Folder.Path);

        Assert.Equal(0, await program.ExitAsync());
        Assert.Contains("code 0", program.Errors, StringComparison.Ordinal);
    }

    private RunningProgram Redirected(string redirections, params IEnumerable<string> arguments) =>
        MigrationHostProgram.StartRedirected(_database.Folder.Path, redirections, arguments);

    private Task<string> TablesAsync() => _database.QueryAsync("SELECT count(*) FROM sqlite_schema WHERE name = 'users'");
}
