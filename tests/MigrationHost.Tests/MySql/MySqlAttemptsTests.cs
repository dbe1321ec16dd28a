using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>What is tried again after a lock was refused, from where, and what must not be.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlAttemptsTests(MariaDbServer server) : IAsyncLifetime
{
    public Task InitializeAsync() => server.SeeMetadataLocksAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("SET @s = 'ALTER TABLE guarded ADD COLUMN added INTEGER';\nPREPARE p FROM @s;\nEXECUTE p;\nDEALLOCATE PREPARE p;")]
    [InlineData("EXECUTE IMMEDIATE 'ALTER TABLE guarded ADD COLUMN added INTEGER';")]
    [InlineData("CREATE PROCEDURE p() ALTER TABLE guarded ADD COLUMN added INTEGER;\nCALL p();")]
    [InlineData("DELIMITER //\nBEGIN NOT ATOMIC ALTER TABLE guarded ADD COLUMN added INTEGER; END//")]
    public async Task What_runs_statements_of_its_own_waits_for_a_lock_like_any_other(string sql)
    {
        await using var database = await WithPendingAsync(sql);
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var host = Host(database);
        var run = host.MigrateAsync();

        await RefusedAsync(host);
        await holder.ReleaseAsync();

        Assert.Null(await run);
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM information_schema.columns WHERE table_schema = database() AND column_name = 'added'"));
    }

    [Theory]
    [InlineData("EXECUTE IMMEDIATE 'ALTER TABLE guarded ADD COLUMN added INTEGER';")]
    [InlineData("CREATE PROCEDURE p() ALTER TABLE guarded ADD COLUMN added INTEGER;\nCALL p();")]
    public async Task What_runs_statements_of_its_own_is_blocked_at_the_end_of_the_wait_and_names_who_blocks(string sql)
    {
        await using var database = await WithPendingAsync(sql);
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:01"), ("Timeouts:Lock", "00:00:03"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.Blocked, 5), (error?.Code, error?.ExitCode));
        Assert.Contains($"(pid {holder.Pid}) holds SHARED_READ on guarded", error!.Message, StringComparison.Ordinal);
        Assert.Contains(
            sql.Contains("CALL", StringComparison.Ordinal) ? "statement 2 was under way, and the next start finds out whether it is done" : "statement",
            error.Hint,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE other (i INTEGER);\nSET @i := 0;\nUPDATE guarded SET pos = (@i := @i + 1) ORDER BY id;", "1\n2\n3\n4")]
    [InlineData("UPDATE guarded SET pos = (@i := IFNULL(@i, 0) + 1) ORDER BY id;", "1\n1\n1\n1")]
    public async Task A_statement_that_is_tried_again_begins_with_the_variables_that_it_had(string sql, string positions)
    {
        await using var database = await WithPendingAsync(sql);
        await database.QueryAsync("INSERT INTO guarded VALUES (1), (2), (3), (4); ALTER TABLE guarded ADD COLUMN pos INTEGER");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded WHERE id = 3 FOR UPDATE");
        await using var host = Host(database);
        var run = host.MigrateAsync();
        await RefusedAsync(host);
        await holder.ReleaseAsync();

        Assert.Null(await run);
        Assert.Equal(positions, await database.QueryAsync("SELECT pos FROM guarded ORDER BY id"));
    }

    [Fact]
    public async Task A_statement_that_is_tried_again_reads_the_id_that_was_given_before_it()
    {
        await using var database = await WithPendingAsync(
            """
            CREATE TABLE parent (id INTEGER AUTO_INCREMENT PRIMARY KEY, n INTEGER) AUTO_INCREMENT = 42;
            CREATE TABLE child (id INTEGER AUTO_INCREMENT PRIMARY KEY, parent_id INTEGER);
            INSERT INTO parent (n) VALUES (1);
            INSERT INTO child (parent_id) SELECT LAST_INSERT_ID() FROM guarded ORDER BY guarded.id FOR UPDATE;
            """);
        await database.QueryAsync("INSERT INTO guarded VALUES (1), (2), (3), (4)");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded WHERE id = 3 FOR UPDATE");
        await using var host = Host(database);
        var run = host.MigrateAsync();
        await RefusedAsync(host);
        await holder.ReleaseAsync();

        Assert.Null(await run);
        Assert.Equal("42\n42\n42\n42", await database.QueryAsync("SELECT parent_id FROM child"));
    }

    [Theory]
    [InlineData("INSERT INTO audit VALUES (1);\nUPDATE guarded SET id = 30 WHERE id = 3;")]
    [InlineData("CREATE TABLE more (i INTEGER);\nINSERT INTO audit VALUES (1);\nUPDATE guarded SET id = 30 WHERE id = 3;")]
    [InlineData("CREATE TABLE more (i INTEGER);\nINSERT INTO audit SELECT id FROM guarded WHERE id IN (1, 3) ORDER BY id FOR UPDATE;")]
    public async Task What_is_written_to_a_table_without_transactions_is_written_once_while_a_lock_is_waited_for(string sql)
    {
        await using var database = await WithPendingAsync(sql);
        await database.QueryAsync("CREATE TABLE audit (i INTEGER) ENGINE = Aria; INSERT INTO guarded VALUES (1), (2), (3), (4)");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded WHERE id = 3 FOR UPDATE");
        await using var host = Host(database);
        var run = host.MigrateAsync();
        await RefusedAsync(host);
        await holder.ReleaseAsync();

        Assert.Null(await run);
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM audit WHERE i = 1"));
    }

    [Fact]
    public async Task What_stays_in_a_table_without_transactions_is_said_and_not_written_again_by_itself()
    {
        await using var database = await WithPendingAsync("INSERT INTO audit SELECT id FROM guarded WHERE id IN (1, 3) ORDER BY id FOR UPDATE;");
        await database.QueryAsync("CREATE TABLE audit (i INTEGER) ENGINE = Aria; INSERT INTO guarded VALUES (1), (2), (3), (4)");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded WHERE id = 3 FOR UPDATE");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:01"), ("Timeouts:Lock", "00:00:04"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, false), (error?.Code, error?.Transient));
        Assert.Contains("what it writes to a table without transactions may be there", error!.Hint, StringComparison.Ordinal);
        await holder.ReleaseAsync();
        Assert.Contains("writes to a table without transactions", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM audit WHERE i = 1"));
    }

    [Fact]
    public async Task A_start_that_was_blocked_behind_a_write_to_a_table_without_transactions_is_continued_behind_it()
    {
        await using var database = await WithPendingAsync("INSERT INTO audit VALUES (1);\nUPDATE guarded SET id = 30 WHERE id = 3;");
        await database.QueryAsync("CREATE TABLE audit (i INTEGER) ENGINE = Aria; INSERT INTO guarded VALUES (1), (2), (3), (4)");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM guarded WHERE id = 3 FOR UPDATE");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:01"), ("Timeouts:Lock", "00:00:03"));

        Assert.Equal(MigrationErrorCode.Blocked, (await host.MigrateAsync())?.Code);
        await holder.ReleaseAsync();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM audit"));
    }

    // More than one attempt has been refused by then.
    private static Task<DatabaseStatus> RefusedAsync(TestHost host) => host.StatusAsync(status => status.WaitingFor?.ElapsedMs > 2500);

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
}
