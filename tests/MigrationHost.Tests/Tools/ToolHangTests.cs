using System.Runtime.InteropServices;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Tools;

/// <summary>A tool that hangs in each of its ways: ended in its time, for the right reason, and nothing of it is left.</summary>
public sealed class ToolHangTests : IAsyncLifetime
{
    private const string WaitsForTheLock = "sqlite3.connect(sys.argv[1], timeout=100000).execute('CREATE TABLE users (id INTEGER)')";

    private static readonly (string, string)[] Short =
    [
        ("Timeouts:StallAfter", "00:00:00.300"),
        ("Timeouts:Lock", "00:00:02"),
        ("Timeouts:Grace", "00:00:01"),
    ];

    private readonly ToolTestDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Blocked_by_another_process_it_is_named_while_it_lasts_and_in_the_end()
    {
        _database.PythonTool(WaitsForTheLock);
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var host = _database.Host(Short);
        var began = TimeProvider.System.GetTimestamp();

        var run = host.MigrateAsync();
        var status = await host.StatusAsync(status => status.Blocked);
        var blocker = Assert.Single(status.Blockers);
        Assert.Equal((holder.Pid, "sqlite3", "RESERVED", false), (blocker.Pid, blocker.Program, blocker.Holds, blocker.ThisProcess));
        Assert.Equal(("the lock that tool needs", 2000, "waiting"), (status.WaitingFor!.What, status.WaitingFor.LimitMs, status.WaitingFor.Activity));

        var error = await run;
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(2 + 1 + BusyMachine.Late));
        Assert.Equal((MigrationErrorCode.Blocked, 5), (error!.Code, error.ExitCode));
        Assert.Contains($"tool is blocked: sqlite3 (pid {holder.Pid}) holds RESERVED on app.db", error.Message, StringComparison.Ordinal);
        Assert.Empty(Processes.Marked(_database.Mark));
        await holder.ReleaseAsync();
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_tool_that_gives_up_its_wait_fails_with_who_was_in_its_way()
    {
        _database.PythonTool(WaitsForTheLock.Replace("100000", "3", StringComparison.Ordinal));
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var host = _database.Host(("Timeouts:StallAfter", "00:00:00.300"));

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.ToolFailed, error!.Code);
        Assert.Contains($"tool ended with exit code 1; before that, tool is blocked: sqlite3 (pid {holder.Pid}) holds RESERVED on app.db", error.Message, StringComparison.Ordinal);
        Assert.Contains($"If the lock was the cause: let sqlite3 (pid {holder.Pid}) commit or roll back", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocked_by_this_very_process_that_is_said()
    {
        _database.PythonTool(WaitsForTheLock);
        await using var holder = await _database.HoldFromInsideAsync();
        await using var host = _database.Host(Short);

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.Blocked, error!.Code);
        Assert.Contains("this process) holds RESERVED", error.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(host.Status.Blockers).ThisProcess);
    }

    [Fact]
    public async Task Once_the_holder_lets_go_it_goes_on()
    {
        _database.PythonTool(WaitsForTheLock + "\ntime.sleep(0.5)");
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var host = _database.Host(("Timeouts:StallAfter", "00:00:00.300"));

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Blocked);
        await holder.ReleaseAsync();
        Assert.Null(await run);
        Assert.Equal((false, 0), (host.Status.Blocked, host.Status.Blockers.Count));
        Assert.Equal("users", await _database.QueryAsync("SELECT name FROM sqlite_master"));
    }

    [Fact]
    public async Task A_tool_that_blocks_itself_is_told_from_one_that_others_block()
    {
        _database.PythonTool(
            """
            first = sqlite3.connect(sys.argv[1], isolation_level=None)
            first.execute('BEGIN IMMEDIATE')
            sqlite3.connect(sys.argv[1], timeout=100000).execute('CREATE TABLE users (id INTEGER)')
            """);
        await using var host = _database.Host(Short);

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.Blocked, error!.Code);
        Assert.Contains("tool blocks itself: tool (pid", error.Message, StringComparison.Ordinal);
        Assert.Contains("holds RESERVED on app.db", error.Message, StringComparison.Ordinal);
        Assert.Contains("one connection", error.Hint!, StringComparison.Ordinal);
        Assert.Empty(Processes.Marked(_database.Mark));
    }

    [Fact]
    public async Task A_holder_elsewhere_does_not_block_a_tool_that_has_not_the_file_open()
    {
        _database.Tool("sleep 1000");
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var host = _database.Host([.. Short, ("Timeouts:Migration", "00:00:04")]);

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.DeadlineExceeded, error!.Code);
        Assert.Contains("does not seem to be in its way", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_its_time_it_is_ended_even_where_it_ignores_SIGTERM()
    {
        _database.Tool("trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 1000' & while :; do :; done");
        await using var host = _database.Host([.. Short, ("Timeouts:Migration", "00:00:02")]);
        var began = TimeProvider.System.GetTimestamp();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.DeadlineExceeded, 6), (error!.Code, error.ExitCode));
        Assert.Equal("tool worked for 2 s, the limit of one migration, and was ended", error.Message);
        Assert.Equal(MigrationPhase.Failed, host.Status.Phase);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(2 + 1 + BusyMachine.Late));
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Slow_is_not_hung()
    {
        _database.PythonTool("end = time.time() + 6\nwhile time.time() < end: pass");
        await using var host = _database.Host(("Timeouts:StallAfter", "00:00:02"));

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor?.Activity.Contains("of CPU time", StringComparison.Ordinal) == true, () => $"{host.Status}");
        Assert.StartsWith("running, ", host.Status.WaitingFor!.Activity, StringComparison.Ordinal);
        Assert.Null(await run);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("silent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silent_tool_is_called_silent_with_the_evidence()
    {
        _database.Tool("echo before; sleep 1000");
        await using var host = _database.Host([.. Short, ("Timeouts:Migration", "00:00:03")]);

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.DeadlineExceeded, error!.Code);
        Assert.Contains("tool is silent: no output and hardly any CPU time", error.Message, StringComparison.Ordinal);
        Assert.Contains("its standard input is empty", error.Message, StringComparison.Ordinal);
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_tool_that_reads_from_a_terminal_of_its_own_waits_for_input()
    {
        _database.PythonTool("import pty\nmaster, slave = pty.openpty()\nos.read(slave, 1)");
        await using var host = _database.Host([.. Short, ("Timeouts:Migration", "00:00:10")]);

        var error = await host.MigrateAsync();
        Assert.Contains("waits for input at /dev/pts/", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_tool_is_called_stopped_and_killed()
    {
        _database.Tool("kill -STOP $$");
        await using var host = _database.Host([.. Short, ("Timeouts:Migration", "00:00:05")]);

        var error = await host.MigrateAsync();
        Assert.Contains("is stopped by a signal", error!.Message, StringComparison.Ordinal);
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task SIGTERM_stops_it_with_143()
    {
        _database.Tool("trap 'echo told to stop; exit 1' TERM; echo up; while :; do sleep 0.05; done");
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["migrate", "--json", .. _database.Arguments()]);
        await Eventually.BecomesTrueAsync(() => program.Errors.Contains("tool: up", StringComparison.Ordinal), () => program.All);

        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(143, await program.ExitAsync());
        Assert.Contains("tool: told to stop", program.Errors, StringComparison.Ordinal);
        await _database.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Our_own_SIGKILL_ends_all_of_it()
    {
        _database.Tool("trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; echo grandchild; sleep 1000' & echo up; while :; do sleep 0.05; done");
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["migrate", "--json", .. _database.Arguments()]);
        await Eventually.BecomesTrueAsync(() => program.Errors.Contains("tool: up", StringComparison.Ordinal) && program.Errors.Contains("tool: grandchild", StringComparison.Ordinal), () => program.All);

        program.KillNow();
        await Eventually.BecomesTrueAsync(() => Processes.Marked(_database.Mark).Count == 0);
    }
}
