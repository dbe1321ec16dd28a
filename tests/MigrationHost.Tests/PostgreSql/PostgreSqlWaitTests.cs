using MigrationHost.Databases.PostgreSql;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Waits that are none for a table's lock, and a wait for an answer that does not come.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlWaitTests(PostgreSqlCluster cluster)
{
    private const string Sleeping =
        "FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(1%' AND state = 'active' AND datname = current_database()";

    [Fact]
    public async Task Who_waits_for_the_turn_sees_who_holds_up_the_one_that_has_it()
    {
        await using var database = await WithGuardedAsync(cluster, "ALTER TABLE guarded ADD COLUMN text text;");
        await using var psql = await database.HoldFromOutsideAsync("SELECT * FROM guarded;");
        await using var other = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await Eventually.BecomesTrueAsync(
            async () => await database.QueryAsync("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'guarded'::regclass") == "1",
            () => other.All);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        var blockers = (await host.StatusAsync(status => status.Blockers.Count == 2)).Blockers;

        Assert.Equal((psql.Pid, "TURN"), (blockers[0].Pid, blockers[1].Holds));
        Assert.Contains($"it waits itself, for psql (pid {psql.Pid}): free that first", blockers[1].Hint, StringComparison.Ordinal);
        await psql.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task Between_two_attempts_it_is_seen_when_the_last_holder_has_ended_its_transaction()
    {
        await using var database = await WithGuardedAsync(cluster, "SELECT 1;");
        await using var first = await database.HoldFromOutsideAsync();
        await using var second = await database.HoldFromOutsideAsync("SELECT 1;");
        await using var side = PostgreSqlConnection.Of(await PostgreSqlConnection.OpenAsync(database.ConnectionString, default));
        var wait = new PostgreSqlLockWait("relation", "AccessExclusiveLock", null, null, "a lock") { BlockedBy = [first.Pid, second.Pid] };
        var holders = new HoldersSeen();
        Assert.True(await holders.AreThereAsync(side, wait, default));

        await first.ReleaseAsync();
        Assert.True(await holders.AreThereAsync(side, wait, default));
        await second.ReleaseAsync();

        // A server ends a session a moment after its client has gone.
        await Eventually.BecomesTrueAsync(async () => !await holders.AreThereAsync(side, wait, default));
    }

    [Fact]
    public async Task What_to_do_about_a_holder_is_a_sentence_behind_what_became_of_the_migration()
    {
        await using var database = await WithGuardedAsync(cluster, "ALTER TABLE guarded ADD COLUMN text text;");
        await using var psql = await database.HoldFromOutsideAsync("SELECT * FROM guarded;");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:Lock", "00:00:02"));

        var error = await host.MigrateAsync();

        Assert.Equal(5, error!.ExitCode);
        Assert.Equal(
            $"Migration 2 was rolled back as a whole. Commit or roll back there, or: select pg_terminate_backend({psql.Pid})", error.Hint);
    }

    [Fact]
    public async Task Another_instance_that_hangs_can_be_ended_by_hand()
    {
        await using var database = await WithGuardedAsync(cluster, "SELECT pg_sleep(100000);");
        await using var other = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await Eventually.BecomesTrueAsync(async () => await database.QueryAsync($"SELECT count(*) {Sleeping}") == "1", () => other.All);
        other.Stop();
        await using var host = database.Host();

        var holder = Assert.Single((await host.DiagnoseAsync()).Report.Holders);

        Assert.Contains($"select pg_terminate_backend({holder.Pid})", holder.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_waits_for_a_standby_says_so_and_names_nobody()
    {
        var alone = PostgreSqlCluster.Private();
        try
        {
            await alone.InitializeAsync();
            await using var database = await WithGuardedAsync(alone, "INSERT INTO guarded VALUES (2);");
            await database.QueryAsync("ALTER SYSTEM SET synchronous_standby_names = 'not_there'");
            await database.QueryAsync("SELECT pg_reload_conf()");
            await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
            var run = host.MigrateAsync();

            await Eventually.BecomesTrueAsync(
                () => host.Status.WaitingFor?.What.StartsWith("a synchronous standby", StringComparison.Ordinal) == true, () => host.Status.ToString());

            Assert.False(host.Status.Blocked);
            await database.QueryAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await database.QueryAsync("SELECT pg_reload_conf()");
            Assert.Null(await run);
        }
        finally
        {
            await alone.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("INSERT INTO guarded VALUES (2);")]
    [InlineData("-- migrationhost: transaction=none\nINSERT INTO guarded VALUES (2);")]
    public async Task A_commit_that_waits_for_a_standby_counts_against_the_lock_limit_and_what_became_of_it_is_read_back(string pending)
    {
        var alone = PostgreSqlCluster.Private();
        try
        {
            await alone.InitializeAsync();
            await using var database = await WithGuardedAsync(alone, pending);
            await database.QueryAsync("ALTER SYSTEM SET synchronous_standby_names = 'not_there'");
            await database.QueryAsync("SELECT pg_reload_conf()");
            await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:Lock", "00:00:02"));

            var error = await host.MigrateAsync();

            Assert.Equal((MigrationErrorCode.Blocked, 5), (error?.Code, error?.ExitCode));
            Assert.Contains("waited 2 s for a synchronous standby", error!.Message, StringComparison.Ordinal);
            Assert.Contains("synchronous_standby_names", $"{error.Message} {error.Hint}", StringComparison.Ordinal);
            Assert.DoesNotContain("rolled back", $"{error.Message} {error.Hint}", StringComparison.Ordinal);
            Assert.Contains(
                host.Log.All, line => line.Contains("waiting for a synchronous standby", StringComparison.Ordinal));

            await database.QueryAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await database.QueryAsync("SELECT pg_reload_conf()");
            Assert.Null(await host.MigrateAsync());
            Assert.Equal("2", await database.QueryAsync("SELECT count(*) FROM guarded"));
        }
        finally
        {
            await alone.DisposeAsync();
        }
    }

    [Fact]
    public async Task Told_to_stop_while_a_commit_waits_for_a_standby_it_does_not_say_that_the_migration_was_rolled_back()
    {
        var alone = PostgreSqlCluster.Private();
        try
        {
            await alone.InitializeAsync();
            await using var database = await WithGuardedAsync(alone, "INSERT INTO guarded VALUES (2);");
            await database.QueryAsync("ALTER SYSTEM SET synchronous_standby_names = 'not_there'");
            await database.QueryAsync("SELECT pg_reload_conf()");
            await using var host = database.Host();
            using var stop = new CancellationTokenSource();
            var run = host.MigrateAsync(stop.Token);
            await Eventually.BecomesTrueAsync(
                () => host.Status.WaitingFor?.What.StartsWith("a synchronous standby", StringComparison.Ordinal) == true,
                () => host.Status.ToString());

            await stop.CancelAsync();
            var error = await run;

            Assert.Equal(MigrationErrorCode.Interrupted, error?.Code);
            Assert.DoesNotContain("rolled back", $"{error!.Message} {error.Hint}", StringComparison.Ordinal);
            Assert.Equal("2", host.Status.Current);

            // Or the end of the test waits for a standby too.
            await database.QueryAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await database.QueryAsync("SELECT pg_reload_conf()");
        }
        finally
        {
            await alone.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_backend_that_is_gone_behind_a_connection_that_does_not_know_is_a_lost_connection()
    {
        await using var database = await WithGuardedAsync(
            cluster, "INSERT INTO guarded VALUES (2);\nSELECT pg_sleep(100000) WHERE to_regclass('mended') IS NULL;");
        await using var proxy = new TcpProxy(cluster.Server.Port);
        await using var host = database.HostWith(
            connection => (connection.Host, connection.Port) = ("127.0.0.1", proxy.Port), ("Timeouts:Migration", "00:01:00"));
        var run = host.MigrateAsync();
        var work = "";
        await Eventually.BecomesTrueAsync(
            async () => (work = await database.QueryAsync($"SELECT pid {Sleeping}")).Length > 0, () => host.Status.ToString());

        // The server's end of it is closed, and ours is not told.
        proxy.Cut();
        await database.QueryAsync($"CREATE TABLE mended (); SELECT pg_terminate_backend({work})");
        await Eventually.BecomesTrueAsync(async () => await database.QueryAsync($"SELECT count(*) {Sleeping}") == "0");
        proxy.Mend();

        Assert.Null(await run);
        Assert.Contains(host.Log.All, line => line.Contains("is gone from the server", StringComparison.Ordinal));
        Assert.Equal("2", await database.QueryAsync("SELECT count(*) FROM guarded"));
    }

    private static async Task<PostgreSqlTestDatabase> WithGuardedAsync(PostgreSqlCluster cluster, string pending)
    {
        var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE guarded (id integer);\nINSERT INTO guarded VALUES (1);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        database.Migration("2_pending", pending);
        return database;
    }
}
