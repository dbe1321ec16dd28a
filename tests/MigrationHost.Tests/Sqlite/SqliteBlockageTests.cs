using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

/// <summary>Constructed blockages: a journal mode, somebody who holds a lock, and what the migration does. Each names its holder, or does
/// not wait at all.</summary>
public sealed class SqliteBlockageTests
{
    private const string Reader = "BEGIN; SELECT count(*) FROM guarded;";
    private const string Writer = "BEGIN IMMEDIATE;";
    private const string Everything = "BEGIN EXCLUSIVE;";
    private const string Connected = "SELECT count(*) FROM guarded;";

    private const string Write = "INSERT INTO guarded (id) VALUES (1);";
    private const string Large = "PRAGMA cache_size = 10;\n"
        + "INSERT INTO guarded (text) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000) "
        + "SELECT hex(randomblob(1000)) FROM n;";
    private const string None = "-- migrationhost: transaction=none\n";
    private const string Vacuum = None + "VACUUM;";
    private const string ToWal = None + "PRAGMA journal_mode = wal;";
    private const string FromWal = None + "PRAGMA journal_mode = delete;";
    private const string Checkpoint = None + "PRAGMA main.wal_checkpoint(TRUNCATE);";
    private const string UserVersion = None + "PRAGMA user_version = 7;";

    // What a checkpoint has that is frozen in its middle: the writer's lock, its own, and all places that readers of the log can have.
    private const string FrozenCheckpoint = """
        import fcntl, sqlite3, sys
        connection = sqlite3.connect(sys.argv[1])
        connection.execute("INSERT INTO guarded VALUES (0)")
        connection.commit()
        index = open(sys.argv[1] + "-shm", "r+b")
        fcntl.lockf(index, fcntl.LOCK_EX, 2, 120, 0)
        fcntl.lockf(index, fcntl.LOCK_EX, 4, 124, 0)
        print("held", flush=True)
        sys.stdin.read()
        """;

    public static TheoryData<string, string, string, string> Blocked => new()
    {
        { "delete", Reader, Write, "SHARED" },
        { "delete", Reader, Large, "SHARED" },
        { "delete", Reader, None + Write, "SHARED" },
        { "delete", Reader, Vacuum, "SHARED" },
        { "delete", Reader, ToWal, "SHARED" },
        { "delete", Reader, UserVersion, "SHARED" },
        { "delete", Writer, Write, "RESERVED" },
        { "delete", Writer, Vacuum, "RESERVED" },
        { "delete", Writer, ToWal, "RESERVED" },
        { "delete", Everything, Write, "EXCLUSIVE" },
        { "delete", Everything, ToWal, "EXCLUSIVE" },
        { "persist", Reader, Write, "SHARED" },
        { "persist", Writer, Vacuum, "RESERVED" },
        { "truncate", Reader, ToWal, "SHARED" },
        { "truncate", Writer, Write, "RESERVED" },
        { "wal", Writer, Write, "WAL WRITE" },
        { "wal", Writer, Vacuum, "WAL WRITE" },
        { "wal", Writer, FromWal, "WAL WRITE" },
        { "wal", Everything, Write, "WAL WRITE" },
        { "wal", Reader, FromWal, "WAL READ" },
        { "wal", Reader, Checkpoint, "WAL READ" },
        { "wal", Connected, FromWal, "CONNECTED" },
    };

    public static TheoryData<string, string, string> NotBlocked => new()
    {
        { "delete", Connected, Write },
        { "delete", Connected, Vacuum },
        { "delete", Connected, ToWal },
        { "wal", Connected, Write },
        { "wal", Connected, Checkpoint },
        { "wal", Reader, Write },
        { "wal", Reader, Vacuum },
        { "wal", Reader, UserVersion },
    };

    [Theory]
    [MemberData(nameof(Blocked))]
    public async Task Whoever_is_in_the_way_is_named_by_the_status_and_by_the_error(
        string mode, string holds, string script, string expected)
    {
        await using var database = await CreateAsync(mode);
        await using var holder = await Sqlite3.HoldAsync(database.Path, holds);
        database.Migration("1_pending", script);
        await using var host = database.Host(
            ("Timeouts:Lock", "00:00:02"), ("Timeouts:LockAttempt", "00:00:00.500"), ("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        await Eventually.BecomesTrueAsync(() => host.Status.Blocked || run.IsCompleted, () => host.Status.ToString());
        Assert.True(host.Status.Blocked, $"{(await run)?.Message}");
        var error = await run;

        Assert.Equal(MigrationErrorCode.Blocked, error?.Code);
        Assert.DoesNotMatch("waited [^:]* for :|for $", error!.Message);
        Assert.Contains($"sqlite3 (pid {holder.Pid}) holds {expected} on app.db", error.Message, StringComparison.Ordinal);
        var one = Assert.Single(host.Status.Blockers);
        Assert.Equal((holder.Pid, "sqlite3", expected, false), (one.Pid, one.Program, one.Holds, one.ThisProcess));
        Assert.EndsWith($"or end it: kill {holder.Pid}", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NotBlocked))]
    public async Task Whoever_is_not_in_the_way_is_not_waited_for(string mode, string holds, string script)
    {
        await using var database = await CreateAsync(mode);
        await using var holder = await Sqlite3.HoldAsync(database.Path, holds);
        database.Migration("1_pending", script);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.050"));

        Assert.Null(await host.MigrateAsync());
        Assert.DoesNotContain(host.Log.All, line => line.Contains("blocked", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("delete", Reader, Write)]
    [InlineData("delete", Reader, Vacuum)]
    [InlineData("delete", Reader, ToWal)]
    [InlineData("delete", Writer, Write)]
    [InlineData("wal", Writer, Write)]
    [InlineData("wal", Reader, FromWal)]
    [InlineData("wal", Connected, FromWal)]
    [InlineData("wal", Reader, Checkpoint)]
    public async Task A_connection_of_this_process_is_named_as_such(string mode, string holds, string script)
    {
        await using var database = await CreateAsync(mode);
        await using var connection = database.Open();
        SqliteTestDatabase.Run(connection, holds);
        database.Migration("1_pending", script);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:00.500"));
        var run = host.MigrateAsync();

        var status = await host.StatusAsync(status => status.Blocked || run.IsCompleted);
        Assert.False(run.IsCompleted, $"{(run.IsCompleted ? (await run)?.Message : "")}");
        var one = Assert.Single(status.Blockers);
        Assert.Equal((Environment.ProcessId, true), (one.Pid, one.ThisProcess));
        Assert.StartsWith("this process holds it", one.Hint, StringComparison.Ordinal);

        await connection.DisposeAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_reader_that_comes_while_a_statement_outside_a_transaction_runs_is_named_at_its_commit()
    {
        await using var database = await CreateAsync("delete");
        database.Migration("1_slow", None + database.Slow);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Running is { Statement: 1 } || run.IsCompleted, () => host.Status.ToString());
        await using var reader = await Sqlite3.HoldAsync(database.Path, Reader);

        var status = await host.StatusAsync(status => status.Blocked || run.IsCompleted);
        Assert.Equal(("the commit", reader.Pid), (status.WaitingFor?.What, Assert.Single(status.Blockers).Pid));

        await reader.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_commit_of_another_that_waits_for_a_reader_is_named_behind_that_reader()
    {
        await using var database = await CreateAsync("delete");
        await using var reader = await Sqlite3.HoldAsync(database.Path, Reader);
        await using var writer = await Sqlite3.SayAsync(database.Path, "INSERT INTO guarded (id) VALUES (7);");
        database.Migration("1_pending", Write);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var report = await Eventually.GivesAsync(
            async () => (LockReport?)(await host.DiagnoseAsync()).Report, report => report.Waiters.Count > 0);
        Assert.Equal(
            (writer.Pid, "the commit", reader.Pid), (report.Waiters[0].Pid, report.Waiters[0].WaitsFor, report.Waiters[0].BlockedBy[0]));

        var run = host.MigrateAsync();
        var blockers = (await host.StatusAsync(status => status.Blocked)).Blockers;

        Assert.Equal([(reader.Pid, "SHARED"), (writer.Pid, "PENDING")], blockers.Select(blocker => (blocker.Pid!.Value, blocker.Holds)));
        Assert.Contains($"kill {reader.Pid}", blockers[0].Hint, StringComparison.Ordinal);
        Assert.Equal("its commit is waiting for readers", blockers[1].State);
        await reader.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_reader_of_this_process_that_a_commit_of_another_waits_for_is_named_as_the_root()
    {
        await using var database = await CreateAsync("delete");
        await using var connection = database.Open();
        SqliteTestDatabase.Run(connection, Reader);
        await using var writer = await Sqlite3.SayAsync(database.Path, "INSERT INTO guarded (id) VALUES (7);");
        database.Migration("1_pending", Write);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        await Eventually.BecomesTrueAsync(async () => (await host.DiagnoseAsync()).Report.Holders.Any(holder => holder.Holds == "PENDING"));

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { Blocked: true, Blockers.Count: 2 }, () => host.Status.ToString());

        Assert.Equal(
            [(Environment.ProcessId, true), (writer.Pid, false)],
            host.Status.Blockers.Select(blocker => (blocker.Pid!.Value, blocker.ThisProcess)));
        await connection.DisposeAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_checkpoint_of_another_that_waits_for_a_reader_is_named_behind_that_reader()
    {
        await using var database = await CreateAsync("wal");
        await using var reader = await Sqlite3.HoldAsync(database.Path, Reader);
        await database.QueryAsync("INSERT INTO guarded (id) VALUES (7)");
        await using var checkpointer = await Sqlite3.SayAsync(database.Path, "PRAGMA wal_checkpoint(TRUNCATE);");
        database.Migration("1_pending", Write);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        await Eventually.BecomesTrueAsync(async () => (await host.DiagnoseAsync()).Report.Waiters.Count > 0);

        var run = host.MigrateAsync();
        var blockers = (await host.StatusAsync(status => status is { Blocked: true, Blockers.Count: 2 })).Blockers;

        Assert.Equal(
            [(reader.Pid, "WAL READ"), (checkpointer.Pid, "WAL WRITE")], blockers.Select(blocker => (blocker.Pid!.Value, blocker.Holds)));
        Assert.Equal("running a checkpoint that is waiting for readers", blockers[1].State);
        await reader.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task Which_of_two_readers_a_checkpoint_of_another_waits_for_is_not_guessed()
    {
        await using var database = await CreateAsync("wal");
        await using var old = await Sqlite3.HoldAsync(database.Path, Reader);
        await database.QueryAsync("INSERT INTO guarded (id) VALUES (7)");
        await using var young = await Sqlite3.HoldAsync(database.Path, Reader);
        await using var checkpointer = await Sqlite3.SayAsync(database.Path, "PRAGMA wal_checkpoint(FULL);");
        database.Migration("1_pending", Write);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        var blocker = (await host.StatusAsync(
            status => status is { Blockers: [{ State: { } state }] } && state.Contains("waiting", StringComparison.Ordinal))).Blockers[0];

        Assert.Equal(checkpointer.Pid, blocker.Pid);
        Assert.Contains($"sqlite3 (pid {old.Pid})", blocker.State, StringComparison.Ordinal);
        Assert.Contains($"sqlite3 (pid {young.Pid})", blocker.State, StringComparison.Ordinal);
        await old.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_long_call_inside_a_statement_while_somebody_reads_is_no_blockage()
    {
        await using var database = await CreateAsync("delete");
        await using var reader = await Sqlite3.HoldAsync(database.Path, Reader);
        database.Migration("1_long", "SELECT instr(zeroblob(300000), zeroblob(150000) || x'01');\nINSERT INTO guarded (id) VALUES (1);");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.050"), ("Timeouts:LockAttempt", "00:01:00"));
        var blocked = false;

        // The commit may wait for a reader that is slow to go, but in one attempt: the statement does not run a second time.
        host.Run.State.Changed += () => blocked |= host.Status is { Blocked: true, Running.Statement: 1 };
        var run = host.MigrateAsync();

        await Eventually.BecomesTrueAsync(
            () => host.Status is { WaitingFor.Activity: not "waiting", DiagnosedAt: not null } || run.IsCompleted,
            () => host.Status.ToString());
        Assert.False(run.IsCompleted, "the call was too short for this test");
        await reader.ReleaseAsync();

        Assert.Null(await run);
        Assert.False(blocked);
    }

    [Fact]
    public async Task A_lock_on_an_attached_file_is_blamed_on_nobody_who_has_only_ours()
    {
        await using var database = await CreateAsync("wal");
        var other = database.Folder["data/other.db"];
        await Sqlite3.QueryAsync(other, "CREATE TABLE a (id INTEGER)");
        await using var innocent = await Sqlite3.HoldAsync(database.Path, Reader);
        await using var holder = await Sqlite3.HoldAsync(other, Reader.Replace("guarded", "a", StringComparison.Ordinal));
        database.Migration("1_attached", $"{None}ATTACH '{other}' AS other;\nINSERT INTO other.a VALUES (1);");
        await using var host = database.Host(
            ("Timeouts:StallAfter", "00:00:00.100"), ("Timeouts:LockAttempt", "00:00:00.300"), ("Timeouts:Lock", "00:00:02"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.Blocked, "waited 2 s for the commit"), (error?.Code, error?.Message));
        Assert.Empty(host.Status.Blockers);
    }

    [Fact]
    public async Task Two_replicas_change_the_journal_mode_without_waiting_for_each_other()
    {
        await using var database = await CreateAsync("wal");
        database.Migration("1_mode", $"{None}{database.Slow}\nPRAGMA journal_mode = delete;");
        await using var first = database.Host();
        var running = first.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => first.Status.Running is { Statement: 1 } || running.IsCompleted, () => first.Status.ToString());

        await using var second = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await Eventually.BecomesTrueAsync(
            () => second.All.Contains("the turn of", StringComparison.Ordinal) || running.IsCompleted || second.HasExited,
            () => second.All);
        if (!running.IsCompleted)
            Assert.Equal(0, ProcessInfo.OpenDescriptors(second.Pid, database.Path));

        Assert.Null(await running);
        Assert.True(await second.ExitAsync() == 0, second.All);
        Assert.Equal("delete", await database.QueryAsync("PRAGMA journal_mode"));
    }

    private static async Task<SqliteTestDatabase> CreateAsync(string mode)
    {
        var database = new SqliteTestDatabase(wal: mode == "wal") { AllowExistingTables = true };
        await database.QueryAsync($"PRAGMA journal_mode = {mode}; CREATE TABLE guarded (id INTEGER, text TEXT);");
        return database;
    }

    [Fact]
    public async Task What_SQLite_calls_a_violation_of_its_protocol_is_a_lock_that_is_waited_for()
    {
        await using var database = new SqliteTestDatabase(wal: true) { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE guarded (id INTEGER)");
        database.Migration("1_write", Write);
        await using var holder = new RunningProgram("/usr/bin/python3", ["-c", FrozenCheckpoint, database.Path]);
        await Eventually.BecomesTrueAsync(() => holder.Output.Contains("held", StringComparison.Ordinal), () => holder.All);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        var status = await host.StatusAsync(status => status.Blocked || run.IsCompleted);
        Assert.False(run.IsCompleted, $"{status}");
        Assert.Equal((holder.Pid, "WAL RESET"), (status.Blockers[0].Pid, status.Blockers[0].Holds));
        holder.CloseInput();

        Assert.Null(await run);
        Assert.Equal("2", await database.QueryAsync("SELECT count(*) FROM guarded"));
    }
}
