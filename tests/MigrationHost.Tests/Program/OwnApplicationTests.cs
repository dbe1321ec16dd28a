using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Program;

/// <summary>An application that returns <c>await app.RunWithMigrationsAsync(args)</c> has the program's commands itself.</summary>
public sealed class OwnApplicationTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Its_commands_answer_with_the_promised_codes_and_stdout_is_the_answer_alone()
    {
        var (code, output, _) = await RunAsync("status", "--json");
        Assert.Equal((10, 1), (code, JsonDocument.Parse(output).RootElement.GetProperty("databases")[0].GetProperty("pendingCount").GetInt32()));

        (code, output, var errors) = await RunAsync("migrate");
        Assert.Equal(0, code);
        Assert.Equal(2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("app  applied 1 create users", output, StringComparison.Ordinal);
        Assert.Contains("app: applied 1 create users", errors, StringComparison.Ordinal);
        Assert.Equal("1", await _database.HistoryAsync());

        Assert.Equal(0, (await RunAsync("status")).Code);
        Assert.Equal(0, (await RunAsync("locks")).Code);
        Assert.Equal(0, (await RunAsync("doctor")).Code);
        Assert.Equal(12, (await RunAsync("doctor", "--MigrationHost:Startupp=Gate")).Code);
        Assert.Equal(2, (await RunAsync("migrate", "--MigrationHost:Startupp=Gate")).Code);
        Assert.Equal(2, (await RunAsync("resolve", "1", "--retry")).Code);
        Assert.Equal(1, (await RunAsync("healthcheck", "--url", "http://127.0.0.1:9")).Code);
    }

    [Fact]
    public async Task A_setting_may_follow_an_option()
    {
        var (code, output, errors) = await MigrationHostProgram.RunOwnAppAsync(_database.Folder.Path, "status", "--json", "--MigrationHost:Databases:app:ConnectionString=Data Source=data/other.db");

        Assert.True(code == 10, errors);
        Assert.Equal("data/other.db", JsonDocument.Parse(output).RootElement.GetProperty("databases")[0].GetProperty("target").GetString());
    }

    [Fact]
    public async Task A_blocked_command_ends_with_5_and_names_the_holder()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        Assert.Equal(11, (await RunAsync("locks")).Code);
        var (code, output, _) = await RunAsync("migrate", "--MigrationHost:Timeouts:Lock=00:00:01");
        Assert.Equal(5, code);
        Assert.Contains($"sqlite3 (pid {holder.Pid})", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_is_no_command_ends_with_2_and_help_carries_the_applications_name()
    {
        var (code, output, errors) = await RunAsync("migarte");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("did you mean 'migrate'?", errors, StringComparison.Ordinal);

        (code, output, _) = await RunAsync("migrate", "--help");
        Assert.Equal(0, code);
        Assert.Contains("Example: OwnApp migrate", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_it_serves_and_healthcheck_finds_it()
    {
        await using var program = new RunningProgram(MigrationHostProgram.OwnApp, [.. _database.Arguments(), "--urls", "http://127.0.0.1:0"], _database.Folder.Path);
        await Eventually.BecomesTrueAsync(() => program.Output.Contains("Now listening on: ", StringComparison.Ordinal), () => program.All);
        var url = program.Output.Split("Now listening on: ")[1].Split('\n')[0].Trim();

        await Eventually.BecomesTrueAsync(async () => (await RunAsync("healthcheck", "--urls", url)).Code == 0, () => program.All);
        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await program.ExitAsync());
    }

    [Fact]
    public async Task A_command_opens_no_port_and_starts_nothing_of_the_host()
    {
        Assert.Equal(0, await RunInProcessAsync("migrate"));
        Assert.Equal("1", await _database.HistoryAsync());
    }

    [Fact]
    public async Task It_has_every_command_of_the_program_with_its_options_and_codes()
    {
        _database.Migration("1_create_users.down", "DROP TABLE users;");
        (string Line, int Code)[] told =
        [
            ("migrate --dry-run", 10), ("validate", 0), ("script --output {up}", 0), ("baseline 1 --dry-run", 0), ("baseline 1", 0),
            ("status --short", 0), ("validate --json", 0), ("down --dry-run", 0), ("resolve 1 --changed", 2), ("new add orders", 0),
            ("status", 10), ("locks --json", 0), ("doctor --json", 0), ("explain 5", 0), ("completion bash", 0),
            ("healthcheck --live --url http://127.0.0.1:9", 1), ("migrate --target 7 --database app", 2), ("--version", 0), ("migarte", 2),
        ];
        List<(string Line, int Code)> answered = [];
        foreach (var (line, _) in told)
            answered.Add((line, await RunInProcessAsync(line.Replace("{up}", _database.Folder["up.sql"], StringComparison.Ordinal).Split(' '))));

        Assert.Equal(told, answered);
        Assert.True(File.Exists(_database.Folder["up.sql"]));
        Assert.True(File.Exists(_database.Folder["migrations/2_add_orders.sql"]));
    }

    [Theory]
    [InlineData("migrate", 5)]
    [InlineData("--urls", 143)]
    public async Task Its_limits_and_signals_hold_while_nobody_reads(string command, int expected)
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        using var pipe = new StuckPipe();
        await using var program = new RunningProgram(
            "sh",
            ["-c", $"exec \"$0\" \"$@\" >{pipe.Path} 2>&1", MigrationHostProgram.OwnApp, command, .. command == "--urls" ? ["http://127.0.0.1:0"] : Array.Empty<string>(), .. _database.Arguments(("Timeouts:Lock", command == "migrate" ? "00:00:01" : "01:00:00"))],
            _database.Folder.Path);
        if (command == "--urls")
        {
            await Eventually.BecomesTrueAsync(() => Processes.HasThread(program.Pid, "migrationhost-s") || program.HasExited, () => program.All);
            program.Signal(PosixSignal.SIGTERM);
        }

        Assert.Equal(expected, await program.ExitAsync());
    }

    private async Task<int> RunInProcessAsync(params string[] arguments)
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = _database.Folder.Path });
        builder.Configuration.AddInMemoryCollection([.. _database.Settings, KeyValuePair.Create("urls", (string?)$"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}")]);
        builder.Logging.ClearProviders();
        builder.Services.AddMigrationHost(builder.Configuration);
        builder.Services.AddHostedService<Starts>();
        return await builder.Build().RunWithMigrationsAsync(arguments);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigrationHostProgram.RunOwnAppAsync(_database.Folder.Path, [.. arguments, .. _database.Arguments()]);

    private sealed class Starts : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("started");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
