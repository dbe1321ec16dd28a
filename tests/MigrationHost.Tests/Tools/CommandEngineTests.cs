using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Tools;

/// <summary>An external tool as the engine: believed only where it is proven, and one at a time.</summary>
public sealed class CommandEngineTests : IAsyncLifetime
{
    private readonly ToolTestDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_tool_that_succeeds_makes_the_database_ready()
    {
        _database.Tool("echo creating; sqlite3 \"$1\" 'CREATE TABLE users (id INTEGER)'");
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal((MigrationPhase.Ready, EngineKind.Command), (host.Status.Phase, host.Status.Engine));
        Assert.Equal("users", await _database.QueryAsync("SELECT name FROM sqlite_master"));
        Assert.Contains(host.Log.All, line => line.Contains("app: tool: creating", StringComparison.Ordinal));
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task The_tool_runs_even_where_Verify_was_content_before()
    {
        _database.Tool("echo run >> runs");
        _database.Verify("exit 0");
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("run\nrun\n", await File.ReadAllTextAsync(_database.Folder["runs"]));
    }

    [Fact]
    public async Task A_success_that_Verify_does_not_confirm_is_a_failure()
    {
        _database.Tool("echo all done; exit 0");
        _database.Verify("echo nothing there; exit 4");
        await using var host = _database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.ToolFailed, 8), (error!.Code, error.ExitCode));
        Assert.Equal("tool reported success, but the Verify command (verify) ended with exit code 4", error.Message);
        Assert.Equal(MigrationPhase.Failed, host.Status.Phase);
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_failure_has_its_exit_code_and_its_lines_are_in_the_log_once_but_not_in_the_status()
    {
        _database.Tool("echo the secret of the tool >&2; exit 3");
        await using var host = _database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.ToolFailed, "tool ended with exit code 3"), (error!.Code, error.Message));
        Assert.Single(host.Log.All, line => line.Contains("the secret of the tool", StringComparison.Ordinal));
        Assert.Null(host.Status.Error!.Output);

        await using var open = _database.Host(("Databases:app:ShowStatements", "true"));
        await open.MigrateAsync();
        Assert.Equal(["the secret of the tool"], open.Status.Error!.Output!);
    }

    [Fact]
    public async Task While_it_runs_the_status_says_what_runs()
    {
        _database.Tool("echo up; while [ ! -e done ]; do sleep 0.05; done");
        await using var host = _database.Host(("Timeouts:StallAfter", "00:00:00.200"));

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => host.Status is { Phase: MigrationPhase.Migrating, Running.Version: "tool", WaitingFor: { } wait } && wait.Activity.Contains("1 line of output", StringComparison.Ordinal),
            () => $"{host.Status}");
        Assert.Equal(("tool to finish", 900_000), (host.Status.WaitingFor!.What, host.Status.WaitingFor.LimitMs));
        _database.Folder.Write("done", "");
        Assert.Null(await run);
    }

    [Fact]
    public async Task Several_instances_never_run_it_at_the_same_time()
    {
        _database.Tool("mkdir busy || echo overlap >> runs; echo run >> runs; sleep 0.5; rmdir busy");

        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", .. _database.Arguments()])));
        Assert.All(runs, run => Assert.True(run.Code == 0, run.Output + run.Errors));
        Assert.Equal("run\nrun\nrun\n", await File.ReadAllTextAsync(_database.Folder["runs"]));
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Those_who_wait_for_the_turn_see_its_progress()
    {
        _database.Tool("while [ ! -e done ]; do echo working; sleep 0.1; done");
        await using var first = _database.Host();
        await using var second = _database.Host(("Timeouts:Turn", "00:00:01.500"), ("Timeouts:StallAfter", "00:00:00.100"));

        var run = first.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => first.Status.Phase == MigrationPhase.Migrating);
        var waits = second.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => second.Status.WaitingFor is { } wait && wait.What.Contains("running tool external tool", StringComparison.Ordinal), () => $"{second.Status}");
        using (var longer = new CancellationTokenSource(TimeSpan.FromSeconds(3)))
            await Assert.ThrowsAsync<TaskCanceledException>(() => waits.WaitAsync(longer.Token));

        _database.Folder.Write("done", "");
        Assert.Null(await run);
        Assert.Null(await waits);
    }

    [Fact]
    public async Task Our_turn_holds_nothing_on_the_file_that_a_tool_may_need_for_itself()
    {
        await _database.QueryAsync("PRAGMA journal_mode = wal; CREATE TABLE t (x)");
        _database.Tool("[ \"$(sqlite3 \"$1\" 'PRAGMA journal_mode = delete')\" = delete ] && sqlite3 \"$1\" 'BEGIN EXCLUSIVE; CREATE TABLE u (x); COMMIT'");
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task Status_without_Verify_says_that_nobody_knows_and_with_it_whether_something_is_pending()
    {
        _database.Tool("sqlite3 \"$1\" 'CREATE TABLE users (id INTEGER)'");
        var (code, output, _) = await RunAsync("status");
        Assert.Equal(10, code);
        Assert.Contains("without a Verify command it is unknown", output, StringComparison.Ordinal);

        _database.Verify("[ \"$(sqlite3 \"$1\" 'SELECT count(*) FROM sqlite_master')\" = 1 ]");
        (code, output, _) = await RunAsync("migrate", "--dry-run");
        Assert.Equal(10, code);
        Assert.Contains("pending tool not at its target: verify ended with exit code 1", output, StringComparison.Ordinal);

        (code, output, _) = await RunAsync("migrate");
        Assert.Equal((0, "app  ready (data/app.db)"), (code, output.Trim()));
        (code, output, _) = await RunAsync("status");
        Assert.Equal((0, "app  data/app.db: at its target, as Verify says"), (code, output.Trim()));
    }

    [Theory]
    [InlineData("new add orders")]
    [InlineData("script")]
    [InlineData("down")]
    [InlineData("resolve 1 --changed")]
    public async Task A_command_on_a_history_says_what_to_use_instead(string command)
    {
        _database.Tool("exit 0");

        var (code, output, errors) = await RunAsync(command.Split(' ')[0], command.Split(' ')[1..]);

        Assert.Equal(2, code);
        Assert.Contains($"{command.Split(' ')[0]} is for Engine Sql: tool keeps the history", output + errors, StringComparison.Ordinal);
        Assert.Contains("remedy: Use tool itself for that.", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_needs_Verify_and_accepts_what_is_pending()
    {
        _database.Tool("exit 0");
        Assert.Equal(2, (await RunAsync("validate")).Code);
        _database.Verify("exit 1");

        var (code, output, _) = await RunAsync("validate");

        Assert.Equal((0, "app  valid: not at its target, as Verify says; nothing is known to be wrong (data/app.db)"), (code, output.Trim()));
    }

    [Fact]
    public async Task What_is_wrong_with_its_settings_is_said_all_at_once()
    {
        var (code, _, errors) = await RunAsync(
            "migrate",
            "--MigrationHost:Databases:app:Command:Executable=no-such-tool",
            "--MigrationHost:Databases:app:Command:WorkingDirectory=nowhere",
            "--MigrationHost:Databases:app:Command:Argument=x",
            "--MigrationHost:Databases:app:Command:Verify:Arguments:0=x");
        Assert.Equal(2, code);
        Assert.Contains("Command:Executable: 'no-such-tool' is not on the PATH", errors, StringComparison.Ordinal);
        Assert.Contains("Command:WorkingDirectory: the folder nowhere does not exist", errors, StringComparison.Ordinal);
        Assert.Contains("Command:Argument: unknown setting; did you mean 'Arguments'?", errors, StringComparison.Ordinal);
        Assert.Contains("Command:Verify:Executable: is missing", errors, StringComparison.Ordinal);

        _database.Folder.Write("plain", "echo");
        (code, _, errors) = await RunAsync("migrate", "--MigrationHost:Databases:app:Command:Executable=./plain");
        Assert.Equal(2, code);
        Assert.Contains("plain is not executable (chmod +x)", errors, StringComparison.Ordinal);

        (code, _, errors) = await RunAsync("migrate", "--MigrationHost:Databases:app:Command:Executable=./plain --password Sekret99x");
        Assert.Equal(2, code);
        Assert.Contains("Command:Executable: is a command line, not a program; write the program alone", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("install", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Sekret99x", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_and_target_are_not_for_external_tools()
    {
        _database.Tool("exit 0");
        var (code, output, _) = await RunAsync("resolve", "1", "--retry");
        Assert.Equal(2, code);
        Assert.Contains("tool keeps the history of this database", output, StringComparison.Ordinal);

        (code, output, _) = await RunAsync("migrate", "--target", "3");
        Assert.Equal(2, code);
        Assert.Contains("tool decides itself how far it goes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_names_the_tool_what_is_not_proven_and_what_is_ignored()
    {
        _database.Tool("exit 0");
        string[] unused = ["Migrations=sql", "Isolation=ChildProcess", "AllowEmpty=true", "AllowExistingTables=true"];
        var (code, output, _) = await RunAsync("doctor", [.. unused.Select(setting => $"--MigrationHost:Databases:app:{setting}")]);

        Assert.Equal(0, code);
        Assert.Contains($"tool: tool is {_database.Folder["tool"]}", output, StringComparison.Ordinal);
        Assert.Contains("verify: nothing verifies tool", output, StringComparison.Ordinal);
        foreach (var setting in unused)
            Assert.Contains($"{setting.Split('=')[0]} is ignored with Engine=Command", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_its_output_is_answered_over_HTTP()
    {
        _database.Tool("echo the secret of the tool; exit 3");
        await using var service = await ServingProgram.StartAsync(_database.Folder.Path, _database.Arguments());

        var status = await service.DatabaseAsync(database => database.GetProperty("phase").GetString() == "Failed");
        Assert.Equal("ToolFailed", status.GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain("secret", status.ToString(), StringComparison.Ordinal);
        Assert.Contains("app: tool: the secret of the tool", service.Program.Output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(string command, params string[] more) =>
        MigrationHostProgram.RunAsync(_database.Folder.Path, [.. command.Split(' '), .. _database.Arguments(), .. more]);
}
