using MigrationHost.Databases.Sqlite;
using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

public sealed class SqliteLocksTests
{
    [Theory]
    [InlineData("BEGIN IMMEDIATE;", false, "RESERVED")]
    [InlineData("BEGIN EXCLUSIVE;", false, "EXCLUSIVE")]
    [InlineData("BEGIN; SELECT count(*) FROM a;", false, "SHARED")]
    [InlineData("BEGIN IMMEDIATE;", true, "WAL WRITE")]
    [InlineData("BEGIN EXCLUSIVE;", true, "WAL WRITE")]
    [InlineData("BEGIN; SELECT count(*) FROM a;", true, "WAL READ")]
    public async Task Every_lock_is_told_with_its_kind_and_holder(string sql, bool wal, string expected)
    {
        await using var database = new SqliteTestDatabase(wal);
        await database.QueryAsync("CREATE TABLE a (id INTEGER);");
        await using var holder = await Sqlite3.HoldAsync(database.Path, sql);
        await using var host = database.Host();

        var report = (await host.DiagnoseAsync()).Report;

        var one = Assert.Single(report.Holders);
        Assert.Equal((holder.Pid, "sqlite3", expected, "app.db", false), (one.Pid, one.Program, one.Holds, one.Resource, one.ThisProcess));
        Assert.True(report.Complete);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_merely_connected_holds_nothing(bool wal)
    {
        await using var database = new SqliteTestDatabase(wal);
        await database.QueryAsync("CREATE TABLE a (id INTEGER);");
        await using var connected = await Sqlite3.HoldAsync(database.Path, "SELECT count(*) FROM a;");
        await using var host = database.Host();

        Assert.Empty((await host.DiagnoseAsync()).Report.Holders);
    }

    [Fact]
    public async Task An_opening_that_never_comes_back_shows_and_has_its_limit()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.100"), ("Timeouts:LockAttempt", "00:00:00.500"), ("Timeouts:Grace", "00:00:00.500"));
        var run = host.Run;
        var pipe = await database.Folder.MakePipeAsync("data/app.db");

        var inspecting = run.InspectAsync(null, CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor is { What: "data/app.db to come up" }, () => host.Status.ToString());
        var (_, error) = await inspecting;

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, MigrationPhase.Abandoned), (error?.Code, host.Status.Phase));
        await using var letsGo = new FileStream(pipe, FileMode.Open, FileAccess.Write);
    }

    [Fact]
    public async Task How_long_a_lock_is_known_grows_from_look_to_look()
    {
        await using var database = new SqliteTestDatabase();
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        await using var host = database.Host();

        await Eventually.BecomesTrueAsync(async () => (await host.DiagnoseAsync()).Report.Holders[0].ForMs > 0);
    }

    [Fact]
    public async Task A_holder_that_was_stopped_is_told_as_such_with_what_lets_it_go_on()
    {
        await using var database = new SqliteTestDatabase();
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        await using var host = database.Host();
        Assert.Equal("write transaction open", (await host.DiagnoseAsync()).Report.Holders[0].State);

        holder.Stop();
        var stopped = await Eventually.GivesAsync(async () => (Blocker?)(await host.DiagnoseAsync()).Report.Holders[0], blocker => blocker.State != "write transaction open");
        holder.Continue();

        Assert.Equal("write transaction open, and is stopped", stopped.State);
        Assert.Contains($"kill -CONT {holder.Pid}", stopped.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_session_is_never_listed()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_slow", $"CREATE TABLE a (id INTEGER);\n{database.Endless}");
        await using var host = database.Host();
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => host.Status.Running is { Statement: 2 }, () => host.Status.ToString());

        var diagnosis = await host.DiagnoseAsync();
        Assert.Empty(diagnosis.Report.Holders);
        Assert.Empty(diagnosis.Blockers);

        var (code, output, _) = await MigrationHostProgram.RunAsync(database.Folder.Path, ["locks", .. database.Arguments()]);
        Assert.Equal(11, code);
        Assert.Contains($"(pid {Environment.ProcessId}) holds RESERVED", output, StringComparison.Ordinal);
        Assert.Contains("holds TURN", output, StringComparison.Ordinal);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task A_hot_journal_is_told_and_healed_by_the_next_start()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER, text TEXT);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());

        // Larger than its cache, so that it has written to the file when it is killed.
        await using (var writer = await Sqlite3.HoldAsync(database.Path, "PRAGMA cache_size = 10; BEGIN; INSERT INTO a WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 5000) SELECT x, hex(randomblob(100)) FROM n;"))
        {
        }
        Assert.True(new FileInfo(database.Path + "-journal").Length > 0);

        await using var host = database.Host();
        var report = (await host.DiagnoseAsync()).Report;
        Assert.Contains("hot journal", report.Note, StringComparison.Ordinal);
        var (_, error) = await host.Run.InspectAsync(null, default);
        Assert.Equal(MigrationErrorCode.DatabaseUnreachable, error?.Code);
        Assert.Contains("hot journal", error!.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(database.Path + "-journal"));

        await using var next = database.Host();
        Assert.Null(await next.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM a"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_stuck_instance_of_ours_is_named_as_the_holder_of_the_turn()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_slow", database.Endless);
        await using var stuck = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await Eventually.BecomesTrueAsync(() => TurnFile.ReadHolder(database.Path)?.Doing.StartsWith("applying", StringComparison.Ordinal) == true, () => stuck.All);
        stuck.Stop();
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.300"), ("Timeouts:Turn", "00:00:02"));

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.Blocked, error?.Code);
        Assert.Contains($"migrationhost (pid {stuck.Pid}) holds TURN", error!.Message, StringComparison.Ordinal);
        Assert.Contains("applying 1 slow", error.Message, StringComparison.Ordinal);
        stuck.Continue();
        stuck.KillNow();
        await stuck.ExitAsync();
    }

    [Fact]
    public void The_kernels_table_is_read_line_by_line_and_waiters_are_passed_over()
    {
        var locks = ProcLocks.Parse(
        [
            "1: POSIX  ADVISORY  WRITE 4837 fe:0a:123456 1073741825 1073741825",
            "2: -> POSIX  ADVISORY  WRITE 4838 fe:0a:123456 1073741825 1073741825",
            "3: FLOCK  ADVISORY  WRITE 77 00:1b:18446744073709551615 0 EOF",
            "4: OFDLCK ADVISORY  READ -1 fe:00:12 128 128",
            "garbage",
        ]);

        Assert.Equal(
        [
            new FileLock(new FileIdentity(0xfe, 0x0a, 123456), 4837, true, false, 1073741825, 1073741825),
            new FileLock(new FileIdentity(0, 0x1b, ulong.MaxValue), 77, true, true, 0, long.MaxValue),
            new FileLock(new FileIdentity(0xfe, 0, 12), -1, false, false, 128, 128),
        ], locks);
    }
}
