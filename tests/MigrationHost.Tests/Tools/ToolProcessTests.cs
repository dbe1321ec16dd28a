using System.Collections.Concurrent;
using MigrationHost.Masking;
using MigrationHost.Tests.Support;
using MigrationHost.Tools;

namespace MigrationHost.Tests.Tools;

/// <summary>The child process by itself: what is heard of it, how it ends, and that nothing of it is left.</summary>
public sealed class ToolProcessTests : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private readonly TempFolder _folder = new();
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly ConcurrentQueue<ToolLine> _lines = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Lines_of_both_streams_come_as_they_are_written()
    {
        await using var tool = Start("echo one; echo two >&2; sleep 1000");

        await Eventually.BecomesTrueAsync(() => _lines.Count == 2);
        Assert.Equal([new ToolLine("one", false), new ToolLine("two", true)], _lines.OrderBy(line => line.Text));
        Assert.False(tool.Completion.IsCompleted);
    }

    [Fact]
    public async Task Exit_code_and_last_lines_are_known()
    {
        await using var tool = Start("for i in $(seq 300); do echo line $i; done; exit 3");

        var exit = await tool.Completion;
        Assert.Equal((3, null, false, "ended with exit code 3"), (exit.Code, exit.Signal, exit.Succeeded, exit.Describe()));
        Assert.Equal((200, "line 101", "line 300"), (exit.LastLines.Count, exit.LastLines[0], exit.LastLines[^1]));
    }

    [Fact]
    public async Task A_listener_that_throws_ends_the_tool_and_not_this_process()
    {
        await using var tool = ToolProcess.Start(
            new ToolCommand { Name = "sh", Executable = "/bin/sh", Arguments = ["-c", "echo one; sleep 1000"], WorkingDirectory = _folder.Path, Environment = new Dictionary<string, string?> { ["MARK"] = _mark } },
            Grace,
            _ => throw new InvalidOperationException("the log is full"),
            TimeProvider.System);

        var exit = await tool.Completion;
        Assert.False(exit.Succeeded);
        Assert.Equal("was ended, because its output could not be handled: InvalidOperationException: the log is full", exit.Describe());
        await Eventually.BecomesTrueAsync(() => Processes.Marked(_mark).Count == 0);
    }

    [Fact]
    public async Task A_signal_that_ends_it_is_told_from_an_exit_code()
    {
        await using var killed = Start("kill -9 $$");
        Assert.Equal((null, 9, "was ended by SIGKILL"), Outcome(await killed.Completion));

        await using var similar = Start("exit 137");
        Assert.Equal((137, null, "ended with exit code 137"), Outcome(await similar.Completion));
    }

    [Fact]
    public async Task Arguments_environment_and_folder_are_as_set_and_no_shell_is_asked()
    {
        Environment.SetEnvironmentVariable("TOOL_TEST_INHERITED", "yes");
        await using var tool = ToolProcess.Start(
            new ToolCommand
            {
                Name = "sh",
                Executable = "/bin/sh",
                Arguments = ["-c", "printf '%s\\n' \"$@\" \"$SET\" \"$TOOL_TEST_INHERITED\"; pwd", "name", "$HOME; echo no", "", "a b"],
                WorkingDirectory = _folder.Path,
                Environment = new Dictionary<string, string?> { ["SET"] = "set", ["MARK"] = _mark },
            },
            Grace, _lines.Enqueue, TimeProvider.System);

        await tool.Completion;
        Assert.Equal(["$HOME; echo no", "", "a b", "set", "yes", _folder.Path], _lines.Select(line => line.Text));
    }

    [Fact]
    public async Task Its_input_is_empty_and_it_has_no_terminal()
    {
        await using var tool = Start("read line || echo end of input; (: < /dev/tty) 2>/dev/null || echo no terminal");

        await tool.Completion;
        Assert.Equal(["end of input", "no terminal"], _lines.Select(line => line.Text));
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_says_why()
    {
        var file = _folder.Write("noformat", "\u0001\u0002");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var tool = ToolProcess.Start(new ToolCommand { Name = "noformat", Executable = file, WorkingDirectory = _folder.Path }, Grace, _lines.Enqueue, TimeProvider.System);

        var exit = await tool.Completion;
        Assert.False(exit.Succeeded);
        Assert.Contains("Exec format error", exit.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_megabytes_without_a_line_end_neither_block_nor_fill_the_memory()
    {
        long characters = 0;
        var longest = 0;
        await using var tool = Start("head -c 50000000 /dev/zero | tr '\\0' x; head -c 20000000 /dev/zero | tr '\\0' y >&2", line =>
        {
            characters += line.Text.Length;
            longest = Math.Max(longest, line.Text.Length);
        });

        var exit = await tool.Completion;
        Assert.True(exit.Succeeded);
        Assert.Equal((70_000_000, LineSplitter.Longest), (characters, longest));
        Assert.InRange(exit.LastLines.Sum(line => line.Length), 1, LastLines.Most * LineSplitter.Longest);
    }

    [Fact]
    public async Task Fifty_megabytes_of_lines_all_arrive()
    {
        long count = 0;
        await using var tool = Start("yes 'a line of the output of a tool that talks much' | head -c 50000000", _ => count++);

        Assert.True((await tool.Completion).Succeeded);
        Assert.Equal((50_000_000 + 46) / 47, count);
        Assert.Equal(count, tool.Lines);
    }

    [Fact]
    public async Task Stop_lets_it_end_by_itself_within_its_grace()
    {
        await using var tool = Start(
            "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done", grace: TimeSpan.FromMinutes(1));
        await Eventually.BecomesTrueAsync(() => !_lines.IsEmpty);

        tool.Stop();
        Assert.Equal((7, null, "ended with exit code 7"), Outcome(await tool.Completion));
        Assert.Equal(["up", "bye"], _lines.Where(line => !line.IsError).Select(line => line.Text));
        Assert.Empty(Processes.Marked(_mark));
    }

    [Fact]
    public async Task Who_ignores_SIGTERM_is_killed_after_the_grace_with_all_that_it_has_started()
    {
        await using var tool = Start("trap '' TERM; sleep 1000 & setsid sh -c 'trap \"\" TERM; sleep 1000 & echo grandchild; wait' & echo up; wait");
        await Eventually.BecomesTrueAsync(() => _lines.Count == 2);
        var all = Processes.Marked(_mark);
        Assert.True(all.Count >= 5, $"{all.Count} processes");

        tool.Stop();
        Assert.Equal((null, 9, "was ended by SIGKILL"), Outcome(await tool.Completion));
        Assert.Empty(Processes.Marked(_mark));
    }

    [Fact]
    public async Task A_grandchild_in_a_session_of_its_own_that_keeps_the_pipe_open_does_not_keep_the_run_open()
    {
        await using var tool = Start("setsid sh -c 'trap \"\" TERM HUP; echo in session; sleep 1000' & while [ ! -e done ]; do sleep 0.02; done; exit 0");
        await Eventually.BecomesTrueAsync(() => !_lines.IsEmpty);
        _folder.Write("done", "");

        Assert.Equal((0, null, "ended with exit code 0"), Outcome(await tool.Completion));
        Assert.Empty(Processes.Marked(_mark));
    }

    [Fact]
    public async Task A_stopped_process_is_killed_too()
    {
        await using var tool = Start("echo up; kill -STOP $$; echo never");
        await Eventually.BecomesTrueAsync(() => tool.Look()?.Processes is [{ State: 'T' }]);

        tool.Stop();
        Assert.Equal(9, (await tool.Completion).Signal);
        Assert.Empty(Processes.Marked(_mark));
    }

    [Theory]
    [InlineData("sleep 1000 & echo up; wait")]
    [InlineData("setsid sh -c 'echo up; sleep 1000; exit' & wait")]
    [InlineData("(sleep 1000 &); echo up; sleep 1000; exit")]
    public async Task Where_the_supervisor_itself_is_killed_nothing_is_left_although_nobody_has_looked(string script)
    {
        await using var tool = Start(script);
        await Eventually.BecomesTrueAsync(() => !_lines.IsEmpty);

        KillSupervisor();
        var exit = await tool.Completion;
        Assert.Empty(Processes.Marked(_mark));
        Assert.Equal((false, 0, "did not finish: its supervisor ended with 137"), (exit.Succeeded, exit.Left.Count, exit.Describe()));
    }

    [Fact]
    public async Task Where_the_supervisor_is_killed_a_process_that_has_left_is_ended_if_it_was_seen()
    {
        await using var tool = Start("(setsid sh -c 'echo up; sleep 1000; exit' &); sleep 1000; exit");
        await Eventually.BecomesTrueAsync(() => !_lines.IsEmpty);
        await Eventually.BecomesTrueAsync(() => tool.Look()?.Processes.Count == 4);

        KillSupervisor();
        await tool.Completion;
        Assert.Empty(Processes.Marked(_mark));
    }

    [Fact]
    public async Task CPU_time_of_all_its_processes_is_counted_and_stays_counted_when_they_end()
    {
        await using var tool = Start("python3 -c 'for i in range(12000000): pass'; echo worked; sleep 1000");
        await Eventually.BecomesTrueAsync(() => !_lines.IsEmpty);

        Assert.True(tool.Look()!.Cpu > TimeSpan.FromMilliseconds(100), $"{tool.Look()!.Cpu}");
    }

    [Fact]
    public async Task Passwords_in_its_output_are_hidden()
    {
        await using var tool = Start("echo 'postgres://app:se/cr@t@db/app'; echo 'connecting with Password=s3cr3t;Host=db' PGPASSWORD=x");

        await tool.Completion;
        Assert.DoesNotContain(_lines, line => line.Text.Contains("s3cr3t", StringComparison.Ordinal) || line.Text.Contains("PASSWORD=x", StringComparison.Ordinal));
        Assert.Contains("Password=***;Host=db", _lines.Last().Text, StringComparison.Ordinal);
    }

    private ToolProcess Start(string script, Action<ToolLine>? onLine = null, TimeSpan? grace = null) => ToolProcess.Start(
        new ToolCommand
        {
            Name = "sh",
            Executable = "/bin/sh",
            Arguments = ["-c", script],
            WorkingDirectory = _folder.Path,
            Environment = new Dictionary<string, string?> { ["MARK"] = _mark },
        },
        grace ?? Grace, onLine ?? _lines.Enqueue, TimeProvider.System, secrets: Secrets.None);

    private void KillSupervisor()
    {
        var supervisor = Processes.Marked(_mark)
            .Single(pid => File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(Supervisor.Command));
        using var process = System.Diagnostics.Process.GetProcessById(supervisor);
        process.Kill();
    }

    private static (int?, int?, string) Outcome(ToolExit exit) => (exit.Code, exit.Signal, exit.Describe());
}
