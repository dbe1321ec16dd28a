using System.Runtime.InteropServices;
using MigrationHost.Child;
using MigrationHost.Platform;
using MigrationHost.Tests.Support;
using MigrationHost.Tools;

namespace MigrationHost.Tests.Child;

/// <summary>Our own engine in a process of its own: the same state, the same errors, and a hang of the whole process ends with it.</summary>
public sealed partial class IsolationTests : IAsyncLifetime
{
    private static readonly (string, string) Isolated = ("Databases:app:Isolation", "ChildProcess");

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task It_migrates_in_a_child_and_the_status_is_the_same()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _database.Migration("2_add_orders", "CREATE TABLE orders (id INTEGER);");
        await using var host = _database.Host(Isolated);

        Assert.Null(await host.MigrateAsync());
        Assert.Equal((MigrationPhase.Ready, "2", 2, 0), (host.Status.Phase, host.Status.Current, host.Status.AppliedCount, host.Status.PendingCount));
        Assert.All(host.Status.Applied, applied => Assert.NotEqual($"{Environment.MachineName}:{Environment.ProcessId}", applied.AppliedBy));
        Assert.Equal("1\n2", await _database.HistoryAsync());
        await _database.AssertReleasedAsync();

        await using var inProcess = _database.Host();
        Assert.Null(await inProcess.MigrateAsync());
        Assert.Equal(inProcess.Status.Applied, host.Status.Applied);
    }

    [Fact]
    public async Task A_file_whose_name_looks_like_a_password_changes_nothing()
    {
        _database.Migration("1_reset_password=", "CREATE TABLE a (id INTEGER);");
        _database.Migration("2_pwd='x", "CREATE TABLE b (id INTEGER);");
        await using var host = _database.Host(Isolated);

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(["reset password=", "pwd='x"], host.Status.Applied.Select(applied => applied.Description));
        Assert.Contains(host.Log.All, line => line.Contains("applied 1 reset password=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_prints_the_same_lines_and_stops_at_a_target()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _database.Migration("2_add_orders", "CREATE TABLE orders (id INTEGER);");

        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", "--target", "1", .. _database.Arguments(Isolated)]);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("app  applied 1 create users", output, StringComparison.Ordinal);
        Assert.Contains("app  ready at 1, 1 applied, ", output, StringComparison.Ordinal);
        Assert.Equal("1", await _database.HistoryAsync());
    }

    [Fact]
    public async Task Errors_pass_through_unchanged()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);\nCREATE TABEL orders (id INTEGER);");
        await using var host = _database.Host(Isolated);
        await using var inProcess = _database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error!.Code, error.Line));
        var same = await inProcess.MigrateAsync();
        Assert.Equal((same!.Message, same.Version, same.File, same.Line, same.Statement, same.Hint), (error.Message, error.Version, error.File, error.Line, error.Statement, error.Hint));
        Assert.Equal(same.Applied, error.Applied);
        Assert.Null(host.Status.Error!.Statement);
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Who_blocks_the_child_is_named_while_it_lasts_and_in_the_end()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var host = _database.Host(Isolated, ("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:Lock", "00:00:02"));

        var run = host.MigrateAsync();
        var status = await host.StatusAsync(status => status.Blocked);
        Assert.Equal(holder.Pid, Assert.Single(status.Blockers).Pid);
        Assert.Equal(("1", "the write lock"), (status.Running!.Version, status.WaitingFor!.What));

        var error = await run;
        Assert.Equal(MigrationErrorCode.Blocked, error!.Code);
        Assert.Contains($"sqlite3 (pid {holder.Pid})", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_of_this_very_process_is_told_as_such()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        await using var holder = await _database.HoldFromInsideAsync();
        await using var host = _database.Host(Isolated, ("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:Lock", "00:00:30"));

        var run = host.MigrateAsync();
        Assert.True(Assert.Single((await host.StatusAsync(status => status.Blocked)).Blockers).ThisProcess);
        await holder.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_child_that_does_not_run_at_all_is_killed_and_nothing_is_lost()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _database.Migration("2_slow", _database.Endless);
        await using var host = _database.Host(Isolated, ("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:Migration", "00:00:20"), ("Timeouts:Grace", "00:00:01"));

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { AppliedCount: 1, Running: { Version: "2", Statement: 1 }, WaitingFor: not null }, () => $"{host.Status}");
        var child = int.Parse(host.Status.Applied[0].AppliedBy!.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(0, Kill(child, 19));
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor?.What.StartsWith("a sign of life", StringComparison.Ordinal) == true, () => $"{host.Status}");

        var error = await run;
        Assert.Equal(MigrationErrorCode.DeadlineExceeded, error!.Code);
        Assert.Contains("gave no sign of life for 20 s, in statement 1 of migration 2", error.Message, StringComparison.Ordinal);
        Assert.Equal((MigrationPhase.Failed, false), (host.Status.Phase, Directory.Exists($"/proc/{child}")));
        Assert.Equal("1", await _database.HistoryAsync());
    }

    [Fact]
    public async Task A_child_that_is_killed_is_told_and_the_next_start_continues()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _database.Migration("2_slow", _database.Endless);
        await using var host = _database.Host(Isolated);

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { AppliedCount: 1, Running: { Version: "2", Statement: 1 } }, () => $"{host.Status}");
        Assert.Equal(0, Kill(int.Parse(host.Status.Applied[0].AppliedBy!.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), 9));
        var error = await run;
        Assert.Equal(MigrationErrorCode.Unexpected, error!.Code);
        Assert.Contains("was ended by SIGKILL without reporting how far it got, in statement 1 of migration 2", error.Message, StringComparison.Ordinal);

        _database.Migration("2_slow", "CREATE TABLE slow (id INTEGER);");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2", await _database.HistoryAsync());
    }

    [Fact]
    public async Task Where_its_supervisor_is_killed_the_child_ends_before_anybody_says_what_has_become_of_its_migration()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var host = _database.Host(Isolated, ("Timeouts:StallAfter", "00:00:00.200"));

        var run = host.MigrateAsync();
        await host.StatusAsync(status => status is { Blocked: true, Running.Version: "1" });
        var own = ProcessTree.Below(Environment.ProcessId)!.Processes
            .Select(process => process.Pid).Where(process => ProcessInfo.Link($"/proc/{process}/cwd") == _database.Folder.Path).ToList();
        var supervisor = Assert.Single(own, process => Arguments(process).Contains(Supervisor.Command));
        var child = Assert.Single(own, process => Arguments(process) is var all && all.Contains(ChildProtocol.Command) && process != supervisor);
        Assert.Equal(0, Kill(supervisor, 9));

        var error = await run;
        Assert.Empty(Arguments(child));
        Assert.Equal(MigrationErrorCode.Unexpected, error!.Code);
        Assert.Contains("its supervisor ended with 137", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("Migration 1 was rolled back as a whole.", error.Hint, StringComparison.Ordinal);
        await holder.ReleaseAsync();
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name = 'users'"));
    }

    [Fact]
    public async Task SIGTERM_stops_the_child_with_143()
    {
        _database.Migration("1_slow", _database.Endless);
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["migrate", "--json", .. _database.Arguments(Isolated)]);
        await Eventually.BecomesTrueAsync(() => program.Output.Contains("\"Migrating\"", StringComparison.Ordinal), () => program.All);

        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(143, await program.ExitAsync());
        await _database.AssertReleasedAsync();
    }

    private static string[] Arguments(int process) => ProcessInfo.CommandLine(process)?.Split(' ') ?? [];

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
