using System.Globalization;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>A script without DDL that writes to a table without transactions: a break leaves what it has written, which is never written
/// again by itself.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlTablesWithoutTransactionsTests(MariaDbServer server)
{
    private const string Tables =
        """
        CREATE TABLE guarded (id INTEGER PRIMARY KEY);
        CREATE TABLE audit (i INTEGER) ENGINE = Aria;
        CREATE TABLE plain (i INTEGER) ENGINE = InnoDB;
        CREATE TABLE watched (i INTEGER);
        CREATE TRIGGER t AFTER INSERT ON watched FOR EACH ROW INSERT INTO audit VALUES (NEW.i);
        CREATE TABLE before_watched (i INTEGER);
        CREATE TRIGGER u AFTER INSERT ON before_watched FOR EACH ROW BEGIN SET @n = 1; INSERT INTO watched VALUES (NEW.i); END;
        CREATE VIEW v AS SELECT i FROM audit;
        CREATE VIEW j AS SELECT audit.i FROM plain JOIN (audit JOIN guarded ON guarded.id = audit.i) ON plain.i = audit.i;
        DELIMITER //
        CREATE FUNCTION f(n INTEGER) RETURNS INTEGER BEGIN INSERT INTO audit VALUES (n); RETURN n; END //
        DELIMITER ;
        """;

    public static TheoryData<string> Writes => new(
        "INSERT INTO audit VALUES (1)",
        "SET STATEMENT sort_buffer_size = 100000 FOR REPLACE audit SET i = 1",
        "INSERT INTO v VALUES (1)",
        "INSERT INTO j (i) VALUES (1)",
        "INSERT INTO watched VALUES (1)",
        "INSERT INTO before_watched VALUES (1)",
        "INSERT INTO plain VALUES (f(1))",
        "DO (SELECT f(1))");

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task What_a_broken_start_has_written_is_not_written_again(string sql)
    {
        await using var database = await WithTablesAsync();
        database.Migration("2_pending", $"{sql};\nINSERT INTO plain VALUES (7);\nDO SLEEP(100);");
        await KillAtAsync(database, "DO SLEEP(100)");
        database.Migration("2_pending", $"{sql};\nINSERT INTO plain VALUES (7);\nINSERT INTO plain VALUES (8);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1", await database.QueryAsync("SELECT i FROM audit"));
        Assert.Equal("7\n8", await database.QueryAsync("SELECT i FROM plain WHERE i > 1"));
    }

    [Fact]
    public async Task A_write_that_was_under_way_is_left_to_a_human()
    {
        await using var database = await WithTablesAsync();
        database.Migration("2_pending", "INSERT INTO plain VALUES (7);\nINSERT INTO audit SELECT 1 FROM (SELECT 1 UNION SELECT 2) AS two WHERE SLEEP(100) = 0;");
        await KillAtAsync(database, "SLEEP(100)");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 4, 2), (error?.Code, error?.ExitCode, error?.Line));
        Assert.Contains("was under way when an earlier start was ended, writes to a table without transactions", error!.Message, StringComparison.Ordinal);
        Assert.Contains("'migrationhost resolve 2 --applied'", error.Hint, StringComparison.Ordinal);
        Assert.Equal("7", await database.QueryAsync("SELECT i FROM plain"));

        Assert.Null((await host.Run.SettleAsync("2", MigrationHost.Running.Settlement.Applied)).Error);
        Assert.Null(await host.MigrateAsync());
    }

    [Theory]
    [InlineData("INSERT INTO audit VALUES (1);\nDO SLEEP(3);", "SLEEP(3)", null)]
    [InlineData("INSERT INTO audit SELECT 1 FROM (SELECT 1) AS one WHERE SLEEP(100) = 0;", "SLEEP(100)", MigrationErrorCode.MigrationFailed)]
    public async Task A_connection_that_was_lost_is_opened_again_and_repeats_no_write(string sql, string at, MigrationErrorCode? code)
    {
        await using var database = await WithTablesAsync();
        database.Migration("2_pending", sql);
        await using var host = database.Host();
        var run = host.MigrateAsync();

        await server.QueryAsync($"KILL {await ThatRunsAsync(database, at)}");

        Assert.Equal(code, (await run)?.Code);
        Assert.Equal(code is null ? "1" : "0", await database.QueryAsync("SELECT count(*) FROM audit"));
    }

    [Fact]
    public async Task The_way_back_is_not_run_twice_either()
    {
        await using var database = await WithTablesAsync();
        database.Migration("2_pending", "INSERT INTO plain VALUES (1);");
        database.Migration("2_pending.down", "INSERT INTO audit VALUES (1);\nINSERT INTO nowhere VALUES (1);");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        Assert.Contains("nowhere", (await host.Run.DownAsync()).Error?.Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", (await host.Run.DownAsync()).Error?.Message, StringComparison.Ordinal);

        Assert.Equal("1", await database.QueryAsync("SELECT i FROM audit"));
    }

    [Theory]
    [InlineData("INSERT INTO {0}.log SET i = 1;")]
    [InlineData("USE {0};\nINSERT INTO log VALUES (1);")]
    [InlineData("INSERT INTO leads VALUES (1);")]
    public async Task A_table_of_another_database_is_one_too(string sql)
    {
        await using var other = new MySqlTestDatabase(server);
        await other.QueryAsync("CREATE TABLE log (i INTEGER) ENGINE = MyISAM");
        await using var database = await WithTablesAsync();
        await database.QueryAsync(
            $"CREATE TABLE leads (i INTEGER); CREATE TRIGGER l AFTER INSERT ON leads FOR EACH ROW INSERT INTO {other.Name}.log SELECT 1");
        database.Migration("2_pending", $"{string.Format(CultureInfo.InvariantCulture, sql, other.Name)}\nINSERT INTO nowhere VALUES (1);");
        await using var host = database.Host();

        Assert.Equal(MigrationErrorCode.MigrationFailed, (await host.MigrateAsync())?.Code);
        Assert.Equal(MigrationErrorCode.MigrationFailed, (await host.MigrateAsync())?.Code);

        Assert.Equal("1", await other.QueryAsync("SELECT i FROM log"));
    }

    [Theory]
    [InlineData("INSERT INTO plain VALUES (1);")]
    [InlineData("INSERT INTO plain SELECT i FROM audit;")]
    [InlineData("CREATE TEMPORARY TABLE audit (i INTEGER);")]
    public async Task A_script_that_only_reads_them_stays_one_transaction(string sql)
    {
        await using var database = await WithTablesAsync();
        database.Migration("2_pending", $"INSERT INTO plain VALUES (5);\n{sql}\nINSERT INTO nowhere VALUES (1);");
        await using var host = database.Host();

        Assert.Equal(MigrationErrorCode.MigrationFailed, (await host.MigrateAsync())?.Code);

        Assert.Equal("", await database.QueryAsync("SELECT * FROM plain"));
        Assert.Equal("", await database.QueryAsync("SELECT state FROM migrationhost_history WHERE version = '2'"));
    }

    [Fact]
    public async Task What_a_routine_writes_whose_text_is_hidden_is_not_written_again_in_the_same_start()
    {
        await using var database = await WithTablesAsync();
        var gate = $"gate_{database.Name}";
        database.Migration("2_pending", $"DO f(1);\nSELECT GET_LOCK('{gate}', 1000);");
        await using var holder = await database.HoldFromOutsideAsync($"DO GET_LOCK('{gate}', 0)");
        await using var host = database.HostWith(database.CreateAccount("SELECT, INSERT, UPDATE, DELETE, CREATE, EXECUTE"));
        var run = host.MigrateAsync();
        await host.StatusAsync(status => status.Running is { Statement: 2 });

        await database.QueryAsync("UPDATE migrationhost_history SET duration_ms = duration_ms + 1");
        await holder.ReleaseAsync();

        var error = await run;
        Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
        Assert.Contains(
            "another session has changed migrationhost_history meanwhile; what the script has written to a table without transactions cannot be rolled back",
            error!.Message,
            StringComparison.Ordinal);
        Assert.Equal("1", await database.QueryAsync("SELECT i FROM audit"));
    }

    [Fact]
    public async Task What_asks_for_the_statement_before_it_is_refused_there()
    {
        await using var database = await WithTablesAsync();
        database.Migration("2_pending", "INSERT INTO audit VALUES (1);\nINSERT INTO plain SELECT ROW_COUNT();");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Contains("uses what the server says of the statement before it", error?.Message, StringComparison.Ordinal);
        Assert.Equal("", await database.QueryAsync("SELECT * FROM audit"));
    }

    private async Task<MySqlTestDatabase> WithTablesAsync()
    {
        var database = new MySqlTestDatabase(server);
        database.Migration("1_create", Tables);
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        return database;
    }

    private async Task KillAtAsync(MySqlTestDatabase database, string statement)
    {
        await using var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await ThatRunsAsync(database, statement);
        program.KillNow();
        await program.ExitAsync();
    }

    private async Task<string> ThatRunsAsync(MySqlTestDatabase database, string statement)
    {
        var id = "";
        await Eventually.BecomesTrueAsync(
            async () => (id = await server.QueryAsync(
                "SELECT id FROM information_schema.processlist "
                    + $"WHERE db = '{database.Name}' AND info LIKE '%{statement}%' AND id <> CONNECTION_ID() AND state = 'User sleep'")).Length > 0,
            () => $"nobody runs {statement}");
        return id;
    }
}
