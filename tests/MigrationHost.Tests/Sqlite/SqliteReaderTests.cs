using MigrationHost.Tests.Support;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MigrationHost.Tests.Sqlite;

/// <summary>Rollback mode: a reader keeps a commit waiting, and a waiting commit keeps new readers out.</summary>
public sealed class SqliteReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("PRAGMA busy_timeout = 600000;")]
    public async Task A_reader_that_keeps_the_commit_waiting_is_named_and_waited_for(string pragma)
    {
        await using var database = await CreateAsync(pragma);
        await using var reader = await Sqlite3.HoldAsync(database.Path, "BEGIN; SELECT count(*) FROM a;");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        await Eventually.BecomesTrueAsync(() => host.Status is { Blocked: true }, () => host.Status.ToString());
        var status = host.Status;
        Assert.Equal((reader.Pid, "sqlite3", "SHARED"), (status.Blockers[0].Pid, status.Blockers[0].Program, status.Blockers[0].Holds));
        Assert.Equal("the commit", status.WaitingFor?.What);

        await reader.ReleaseAsync();
        Assert.Null(await run);
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM a"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task While_the_commit_waits_new_readers_get_in_between_its_attempts()
    {
        await using var database = await CreateAsync();
        await using var reader = await Sqlite3.HoldAsync(database.Path, "BEGIN; SELECT count(*) FROM a;");
        await using var host = database.Host(("Timeouts:LockAttempt", "00:00:00.500"), ("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { Blocked: true }, () => host.Status.ToString());

        for (var i = 0; i < 5; i++)
            Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM a"));
        Assert.False(run.IsCompleted);
        Assert.True(host.Status.Blocked, "still blocked, although attempts come and go");

        await reader.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_reader_that_has_gone_is_noticed_in_the_pause_and_nobody_else_is_blamed()
    {
        await using var database = await CreateAsync();
        await using var host = database.Host(("Timeouts:LockAttempt", "00:00:00.050"), ("Timeouts:StallAfter", "00:00:00.050"));
        await using var reader = await Sqlite3.HoldAsync(database.Path, "BEGIN; SELECT count(*) FROM a;");
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { Blocked: true }, () => host.Status.ToString());

        // Four refused attempts: from now on most of the time is pauses, of one second and more.
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor is { ElapsedMs: > 4000 }, () => host.Status.ToString());
        await reader.ReleaseAsync();
        await Eventually.BecomesTrueAsync(() => run.IsCompleted || host.Status.Blockers.Any(blocker => blocker.ThisProcess), () => host.Status.ToString());

        Assert.DoesNotContain(host.Status.Blockers, blocker => blocker.ThisProcess);
        Assert.Null(await run);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("this process", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reader_inside_this_process_is_told_apart()
    {
        await using var database = await CreateAsync();
        await using var connection = database.Open();
        SqliteTestDatabase.Run(connection, "BEGIN; SELECT count(*) FROM a;");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        var blocker = Assert.Single((await host.StatusAsync(status => status.Blocked)).Blockers);
        Assert.Equal((Environment.ProcessId, true), (blocker.Pid, blocker.ThisProcess));
        Assert.Contains("this process holds it", blocker.Hint, StringComparison.Ordinal);

        SqliteTestDatabase.Run(connection, "ROLLBACK");
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_migration_larger_than_the_cache_waits_for_readers_in_the_middle_too()
    {
        await using var database = await CreateAsync();
        database.Migration("3_large", "INSERT INTO a (text) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000) SELECT hex(randomblob(1000)) FROM n;");
        await using var reader = await Sqlite3.HoldAsync(database.Path, "BEGIN; SELECT count(*) FROM a;");
        await using var host = database.Host(("Timeouts:LockAttempt", "00:00:00.300"), ("Timeouts:StallAfter", "00:00:00.200"));
        File.Delete(database.Folder["migrations/2_insert.sql"]);
        var run = host.MigrateAsync();

        Assert.Equal(reader.Pid, (await host.StatusAsync(status => status.Blocked || run.IsCompleted)).Blockers[0].Pid);

        await reader.ReleaseAsync();
        Assert.Null(await run);
        Assert.Equal("20000", await database.QueryAsync("SELECT count(*) FROM a"));
        await database.AssertReleasedAsync();
    }

    /// <summary>Every statement of the second script is larger than the cache, so that each one by itself wants to keep readers out.</summary>
    [Theory]
    [InlineData("INSERT INTO a (text) VALUES ('x');")]
    [InlineData("-- migrationhost: transaction=none\nINSERT INTO a (text) VALUES ('x');\nINSERT INTO a (text) VALUES ('y');")]
    [InlineData("PRAGMA cache_size = 10;\n" + Large + Large + Large + Large + Large)]
    public async Task No_new_reader_is_kept_out_for_longer_than_an_attempt(string script)
    {
        await using var database = await CreateAsync();
        database.Migration("2_insert", script);
        await using var reader = await Sqlite3.HoldAsync(database.Path, "BEGIN; SELECT count(*) FROM a;");
        await using var host = database.Host(("Timeouts:LockAttempt", "00:00:01"), ("Timeouts:Lock", "00:00:08"), ("Timeouts:StallAfter", "00:00:00.200"));
        await using var connection = database.Open();
        var run = host.MigrateAsync();

        var clock = System.Diagnostics.Stopwatch.StartNew();
        using var machine = new BusyMachine();
        TimeSpan last = default, longest = default;
        var refused = 0;
        await BusyMachine.ApartAsync(() =>
        {
            while (!run.IsCompleted)
            {
                if (!MayRead(connection))
                {
                    refused++;
                    Thread.Yield();
                    continue;
                }
                longest = clock.Elapsed - last > longest ? clock.Elapsed - last : longest;
                last = clock.Elapsed;
            }
        });

        Assert.Equal(MigrationErrorCode.Blocked, (await run)?.Code);
        Assert.True(refused > 0, "no attempt has kept a reader out");
        Assert.True(longest < TimeSpan.FromSeconds(1.5) + machine.LongestStall * 2, $"a reader was kept out for {longest}, the machine for {machine.LongestStall}");

        // The waits inside statements count for Lock: with five of them uncounted it would take far longer.
        Assert.InRange(clock.Elapsed.TotalSeconds, 7, 8 + BusyMachine.Late);
    }

    [Fact]
    public async Task A_statement_that_waits_in_the_middle_ends_at_once_when_told_to_stop()
    {
        await using var database = await CreateAsync();
        database.Migration("2_insert", "PRAGMA cache_size = 10;\n" + Large);
        await using var reader = await Sqlite3.HoldAsync(database.Path, "BEGIN; SELECT count(*) FROM a;");
        await using var host = database.Host(("Timeouts:LockAttempt", "00:01:00"), ("Timeouts:StallAfter", "00:00:00.100"), ("Timeouts:Grace", "00:00:10"));
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => host.Status is { Blocked: true, WaitingFor.What: "the exclusive lock on the database" }, () => host.Status.ToString());
        Assert.Equal("waiting", host.Status.WaitingFor?.Activity);

        await stop.CancelAsync();

        Assert.Equal((MigrationErrorCode.Interrupted, MigrationPhase.Stopped), ((await run)?.Code, host.Status.Phase));
        await reader.ReleaseAsync();
        await database.AssertReleasedAsync();
    }

    private const string Large = "INSERT INTO a (text) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000) SELECT hex(randomblob(1000)) FROM n;\n";

    private static bool MayRead(SqliteConnection connection)
    {
        var code = raw.sqlite3_exec(connection.Handle!, "SELECT count(*) FROM migrationhost_history");
        return code == raw.SQLITE_OK ? true : code == raw.SQLITE_BUSY ? false : throw new InvalidOperationException($"{code}");
    }

    private static async Task<SqliteTestDatabase> CreateAsync(string pragma = "")
    {
        var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        database.Migration("2_insert", $"{pragma}INSERT INTO a (text) VALUES ('x');");
        return database;
    }
}
