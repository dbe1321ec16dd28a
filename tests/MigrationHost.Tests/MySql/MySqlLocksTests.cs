using MigrationHost.Commands;
using MigrationHost.Databases;
using MigrationHost.Databases.MySql;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>Who is in the way on MariaDB as it is installed: without performance_schema, with the plugin metadata_lock_info and without.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlLocksTests(MariaDbServer server) : IAsyncLifetime
{
    private const string Alter = "ALTER TABLE guarded ADD COLUMN added INTEGER;";

    public Task InitializeAsync() => server.SeeMetadataLocksAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task An_idle_transaction_that_has_only_read_is_named_with_the_kill_that_frees_the_alter()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var host = Host(database);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, holder.Pid);
        Assert.Equal(("SHARED_READ", "guarded", false), (blocker.Holds, blocker.Resource, blocker.ThisProcess));
        Assert.StartsWith("idle in a transaction", blocker.State, StringComparison.Ordinal);
        Assert.Contains("user root from", blocker.State, StringComparison.Ordinal);
        Assert.DoesNotContain("root", blocker.AnonymousState, StringComparison.Ordinal);
        Assert.Equal($"commit or roll back there, or: KILL {holder.Pid}", blocker.Hint);

        await server.QueryAsync($"KILL {holder.Pid}");
        Assert.Null(await run);
    }

    [Fact]
    public async Task Who_is_in_the_way_stays_named_while_the_statement_is_recorded_again_before_each_attempt()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var host = Host(database);
        var run = host.MigrateAsync();

        await BlockerAsync(host, holder.Pid);
        var sessions = (MySqlDatabase)host.Run.Database;
        await Eventually.BecomesTrueAsync(() =>
        {
            Assert.Contains(sessions.Sessions, session => session.LastWait is not null);
            return host.Status.WaitingFor is { ElapsedMs: > 6_000 };
        });
        await holder.ReleaseAsync();
        Assert.Null(await run);
        Assert.Single(host.Log.All, line => line.Contains("blocked:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Readers_get_in_between_the_attempts_of_a_waiting_alter()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var host = Host(database);
        var run = host.MigrateAsync();
        await BlockerAsync(host, holder.Pid);

        for (var i = 0; i < 3; i++)
            Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM guarded"));

        Assert.False(run.IsCompleted);
        await holder.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_waiter_leads_to_its_root()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var root = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var middle = await database.HoldFromOutsideAsync("SET lock_wait_timeout = 60", "ALTER TABLE guarded ADD COLUMN theirs INTEGER;");
        await server.WaitForStateAsync(middle.Pid, "Waiting for table metadata lock");
        await using var host = Host(database);
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);

        await BlockerAsync(host, middle.Pid);
        var status = await host.StatusAsync(status => status.Blockers.Count == 2);
        Assert.Equal([root.Pid, middle.Pid], status.Blockers.Select(blocker => blocker.Pid ?? 0));
        Assert.StartsWith($"it waits itself, for localhost (pid {root.Pid}): free that first", status.Blockers[1].Hint, StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(MigrationErrorCode.Interrupted, (await run)?.Code);
    }

    [Fact]
    public async Task A_locked_row_names_its_transaction()
    {
        await using var database = await WithPendingAsync("UPDATE guarded SET id = 3 WHERE id = 1;");
        await database.QueryAsync("INSERT INTO guarded VALUES (1)");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; UPDATE guarded SET id = 2 WHERE id = 1");
        await using var host = Host(database);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, holder.Pid);
        Assert.Equal(("row locks", "guarded"), (blocker.Holds, blocker.Resource));
        await holder.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_global_read_lock_is_named_as_such()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var holder = await database.HoldFromOutsideAsync("FLUSH TABLES WITH READ LOCK");
        await using var host = Host(database);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, holder.Pid);
        Assert.Equal("all tables", blocker.Resource);
        Assert.Contains($"UNLOCK TABLES there, or: KILL {holder.Pid}", blocker.Hint, StringComparison.Ordinal);
        await holder.ReleaseAsync();
        Assert.Null(await run);
    }

    [Theory]
    [InlineData("SELECT SLEEP(100) FROM guarded;", "let its statement finish, or: KILL ")]
    [InlineData("SELECT /*!40001 SQL_NO_CACHE */ SLEEP(100) FROM guarded;", "a backup: let it finish, or end it, which spoils that backup: KILL ")]
    public async Task A_running_statement_is_named_and_a_dump_is_told_from_another(string sql, string remedy)
    {
        await using var database = await WithPendingAsync(Alter);
        await database.QueryAsync("INSERT INTO guarded VALUES (1)");
        await using var holder = await database.HoldFromOutsideAsync("SELECT 1", sql);
        await server.WaitForStateAsync(holder.Pid, "User sleep");
        await using var host = Host(database);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, holder.Pid);
        Assert.StartsWith("its statement has run", blocker.State, StringComparison.Ordinal);
        Assert.Equal($"{remedy}{holder.Pid}", blocker.Hint);
        await server.QueryAsync($"KILL {holder.Pid}");
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_prepared_transaction_without_a_session_is_named_with_its_id()
    {
        await using var database = await WithPendingAsync("UPDATE guarded SET id = 3 WHERE id = 1;");
        await database.QueryAsync("INSERT INTO guarded VALUES (1)");
        await database.QueryAsync("XA START 'lost'; UPDATE guarded SET id = 2 WHERE id = 1; XA END 'lost'; XA PREPARE 'lost'");
        try
        {
            await using var host = Host(database);
            var run = host.MigrateAsync();

            var blocker = (await host.StatusAsync(status => status.Blockers.Count > 0)).Blockers[0];
            Assert.Equal((null, "prepared transaction"), (blocker.Pid, blocker.Program));
            Assert.Contains("XA COMMIT 'lost' or XA ROLLBACK 'lost'", blocker.Hint, StringComparison.Ordinal);
            await server.QueryAsync("XA ROLLBACK 'lost'");
            Assert.Null(await run);
        }
        finally
        {
            if ((await server.QueryAsync("XA RECOVER")).Length > 0)
                await server.QueryAsync("XA ROLLBACK 'lost'");
        }
    }

    [Fact]
    public async Task An_instance_that_waits_for_a_prepared_transaction_is_below_it_and_is_not_to_be_ended()
    {
        await using var database = await WithPendingAsync("UPDATE guarded SET id = 3 WHERE id = 1;");
        await database.QueryAsync("INSERT INTO guarded VALUES (1)");
        await database.QueryAsync("XA START 'kept'; UPDATE guarded SET id = 2 WHERE id = 1; XA END 'kept'; XA PREPARE 'kept'");
        try
        {
            await using var instance = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments(("Timeouts:LockAttempt", "00:01:00"))]);
            await using var host = Host(database);
            var report = await WithWaiterAsync(host);
            string[] lines = [.. LockText.Of(report, new Paint(false)).Skip(1)];

            Assert.StartsWith("  prepared transaction holds ", lines[0], StringComparison.Ordinal);
            Assert.Single(lines, line => line.Contains(" waits for a row of guarded", StringComparison.Ordinal));
            Assert.Equal("    remedy: nobody holds it any more, and no restart ends it: XA COMMIT 'kept' or XA ROLLBACK 'kept'", lines[^1]);
            Assert.DoesNotContain(report.Holders, holder => holder.Hint!.Contains("KILL", StringComparison.Ordinal));
            await server.QueryAsync("XA ROLLBACK 'kept'");
            Assert.True(await instance.ExitAsync() == 0, instance.All);
        }
        finally
        {
            if ((await server.QueryAsync("XA RECOVER")).Length > 0)
                await server.QueryAsync("XA ROLLBACK 'kept'");
        }
    }

    [Fact]
    public async Task An_instance_that_waits_for_one_that_is_hidden_is_not_to_be_ended()
    {
        await using var database = await WithPendingAsync(Alter);
        var account = database.CreateAccount("ALL");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var instance = MigrationHostProgram.Start(
            database.Folder.Path,
            ["migrate", .. database.Arguments(("Timeouts:LockAttempt", "00:01:00"), ("Databases:app:ConnectionString", account))]);
        await using var host = database.HostWith(account);
        await server.HideMetadataLocksAsync();
        var report = await WithWaiterAsync(host);

        var only = Assert.Single(report.Holders);
        Assert.Equal("it waits itself, and whoever it waits for is not visible to this account", only.Hint);
        Assert.Contains("GRANT PROCESS ON *.* TO", report.Note, StringComparison.Ordinal);
        await server.SeeMetadataLocksAsync();
        await holder.ReleaseAsync();
        Assert.True(await instance.ExitAsync() == 0, instance.All);
    }

    [Fact]
    public async Task An_instance_between_two_attempts_comes_behind_those_that_hold_locks()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var instance = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments(("Timeouts:LockAttempt", "00:00:01"))]);
        await using var host = Host(database);

        // In an attempt, while nothing is refused yet, it comes first.
        await Eventually.GivesAsync(
            async () => (LockReport?)(await host.DiagnoseAsync()).Report,
            report => report is { Holders: [var first, { Holds: "the turn" }], Waiters.Count: 0 } && first.Pid == holder.Pid);

        await holder.ReleaseAsync();
        Assert.True(await instance.ExitAsync() == 0, instance.All);
    }

    [Fact]
    public async Task Doctor_names_whoever_holds_a_lock()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var host = Host(database);

        var checks = await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync();

        var locks = Assert.Single(checks, check => check.Check == "locks");
        Assert.Equal((DoctorResult.Warning, $"commit or roll back there, or: KILL {holder.Pid}"), (locks.Result, locks.Remedy));
        Assert.Contains($"(pid {holder.Pid}) holds SHARED_READ on guarded (idle in a transaction", locks.Message, StringComparison.Ordinal);
        await holder.ReleaseAsync();
    }

    [Fact]
    public async Task Without_the_plugin_the_answer_is_incomplete_and_says_what_would_show_more()
    {
        await using var database = await WithPendingAsync(Alter);
        await server.HideMetadataLocksAsync();
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var host = Host(database);
        var run = host.MigrateAsync();

        await BlockerAsync(host, holder.Pid);
        var report = (await host.DiagnoseAsync()).Report;
        Assert.False(report.Complete);
        Assert.Contains("INSTALL SONAME 'metadata_lock_info'", report.Note, StringComparison.Ordinal);
        await server.SeeMetadataLocksAsync();
        await holder.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task Without_the_right_to_see_others_the_answer_is_incomplete_and_names_the_right()
    {
        await using var database = await WithPendingAsync(Alter);
        await using var host = database.HostWith(database.CreateAccount("ALL"));

        var report = (await host.DiagnoseAsync()).Report;

        Assert.False(report.Complete);
        Assert.Contains("GRANT PROCESS ON *.* TO", report.Note, StringComparison.Ordinal);
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_waiting_replica_sees_the_holder_move_and_never_names_itself()
    {
        await using var database = await WithPendingAsync("SELECT SLEEP(60);");
        await using var first = Host(database);
        await using var second = Host(database);
        using var stop = new CancellationTokenSource();
        var running = first.MigrateAsync(stop.Token);
        await first.StatusAsync(status => status.Running is not null);
        var waiting = second.MigrateAsync(stop.Token);

        await second.StatusAsync(status => status.WaitingFor?.What.Contains($"the turn of {Instance.Name} to end", StringComparison.Ordinal) is true);
        var report = (await first.DiagnoseAsync()).Report;
        Assert.DoesNotContain(report.Holders, holder => holder.Program?.StartsWith("migrationhost", StringComparison.Ordinal) is true && holder.Holds != "the turn");
        await stop.CancelAsync();
        Assert.Equal((MigrationErrorCode.Interrupted, MigrationErrorCode.Interrupted), ((await running)?.Code, (await waiting)?.Code));
    }

    // InnoDB looks at its transactions anew only if nobody has asked for a tenth of a second.
    private static Task<LockReport> WithWaiterAsync(TestHost host) => Eventually.GivesAsync(
        async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(150));
            return (LockReport?)(await host.DiagnoseAsync()).Report;
        },
        report => report.Waiters.Count > 0);

    private static TestHost Host(MySqlTestDatabase database) => database.Host(
        ("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:01"));

    private async Task<MySqlTestDatabase> WithPendingAsync(string pending)
    {
        var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE guarded (id INTEGER PRIMARY KEY);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        database.Migration("2_pending", pending);
        return database;
    }

    private static async Task<Blocker> BlockerAsync(TestHost host, int pid)
    {
        var status = await host.StatusAsync(status => status.Blocked && status.Blockers.Any(blocker => blocker.Pid == pid));
        return status.Blockers.First(blocker => blocker.Pid == pid);
    }
}
