using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>A script changes the history without naming it: that is an error, and what can be rolled back is.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlHistoryGuardTests(MariaDbServer server)
{
    // What the owner of the database may have made.
    private const string Ways =
        """
        CREATE VIEW v AS SELECT * FROM migrationhost_history;
        DELIMITER //
        CREATE FUNCTION f() RETURNS INTEGER BEGIN DELETE FROM migrationhost_history; RETURN 1; END //
        DELIMITER ;
        CREATE PROCEDURE p() DELETE FROM migrationhost_history;
        CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW UPDATE migrationhost_history SET checksum = '';
        CREATE TABLE parent (id INTEGER PRIMARY KEY);
        INSERT INTO parent VALUES (1);
        ALTER TABLE migrationhost_history ADD COLUMN p INTEGER NULL, ADD FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE;
        UPDATE migrationhost_history SET p = 1;
        """;

    [Theory]
    [InlineData("DELETE FROM v;")]
    [InlineData("UPDATE v SET state = 'started';")]
    [InlineData("DELETE v FROM v JOIN a ON a.id = 1;")]
    [InlineData("REPLACE INTO v (version, description, checksum, applied_at, duration_ms, applied_by, state) VALUES ('9', '', '', NOW(), 0, '', 'applied');")]
    [InlineData("INSERT INTO a VALUES (2);")]
    [InlineData("DELETE FROM parent;")]
    [InlineData("SELECT f();")]
    [InlineData("CREATE TABLE b (id INTEGER);\nDELETE FROM v;")]
    public async Task What_a_script_does_to_the_history_in_a_transaction_is_rolled_back(string sql)
    {
        await using var database = await WithWaysAsync();
        database.Migration("2_change", sql);
        await using var host = database.Host();
        var before = await database.QueryAsync("SELECT * FROM migrationhost_history WHERE version = '1'");

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 4), (error?.Code, error?.ExitCode));
        Assert.Contains("has changed migrationhost_history through a view, a routine, a trigger or a foreign key", error!.Message, StringComparison.Ordinal);
        Assert.Equal(before, await database.QueryAsync("SELECT * FROM migrationhost_history WHERE version = '1'"));
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
        Assert.Equal(1, host.Status.AppliedCount);
    }

    [Theory]
    [InlineData("CALL p();")]
    [InlineData("EXECUTE IMMEDIATE CONCAT('DROP TABLE migrationhost', '_history');")]
    [InlineData("EXECUTE IMMEDIATE CONCAT('RENAME TABLE migrationhost', '_history TO elsewhere');")]
    [InlineData("CREATE TABLE b AS SELECT f();")]
    public async Task What_it_has_committed_is_told(string sql)
    {
        await using var database = await WithWaysAsync();
        database.Migration("2_change", sql);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 4, 1), (error?.Code, error?.ExitCode, error?.Line));
        Assert.Contains("has changed migrationhost_history through", error!.Message, StringComparison.Ordinal);
        Assert.Contains("restore migrationhost_history from a backup", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("rolled back", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_session_writes_to_the_history_meanwhile_is_not_the_scripts()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "-- migrate:up\nCREATE TABLE a (id INTEGER);\n-- migrate:down\n");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        var gate = $"gate_{database.Name}";
        database.Migration("2_wait", $"-- migrate:up\nINSERT INTO a SELECT GET_LOCK('{gate}', 1000);\n-- migrate:down\n");
        await using var holder = await database.HoldFromOutsideAsync($"DO GET_LOCK('{gate}', 0)");
        await using var host = database.Host();
        var run = host.MigrateAsync();
        await host.StatusAsync(status => status.Running is { Statement: 1 });

        await database.QueryAsync("INSERT INTO schema_migrations VALUES ('0')");
        await holder.ReleaseAsync();

        Assert.Null(await run);
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
    }

    [Theory]
    [InlineData("migrationhost_history", "INSERT INTO a VALUES (1)")]
    [InlineData("migrationhost_statement", "CREATE TABLE c (id INTEGER)")]
    public async Task A_table_of_ours_that_another_session_drops_meanwhile_is_not_the_fault_of_the_script(string table, string next)
    {
        await using var database = new MySqlTestDatabase(server);
        var gate = $"gate_{database.Name}";
        database.Migration("1_create", $"CREATE TABLE a (id INTEGER);\nSELECT GET_LOCK('{gate}', 1000);\n{next};");
        await using var holder = await database.HoldFromOutsideAsync($"DO GET_LOCK('{gate}', 0)");
        await using var host = database.Host();
        var run = host.MigrateAsync();
        await host.StatusAsync(status => status.Running is { Statement: 2 });

        await database.QueryAsync($"SET lock_wait_timeout = 1; DROP TABLE {table}");
        await holder.ReleaseAsync();

        var error = await run;
        Assert.Equal((MigrationErrorCode.MigrationFailed, 4), (error?.Code, error?.ExitCode));
        Assert.Contains($"its record cannot be kept: Table '{database.Name}.{table}' doesn't exist", error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("rolled back", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_that_has_the_history_is_not_dropped_by_a_script()
    {
        await using var database = new MySqlTestDatabase(server);
        await server.QueryAsync($"CREATE DATABASE {database.Name}_kept");
        database.Folder.Write("migrations/1_one.sql", $"-- migrate:up\nDROP DATABASE {database.Name}_kept;\n-- migrate:down\n");
        await using var host = database.Host(("Databases:app:Layout", "Dbmate"), ("Databases:app:History:Schema", $"{database.Name}_kept"));

        Assert.Contains("a migration may not change schema_migrations", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);

        await server.QueryAsync($"DROP DATABASE {database.Name}_kept");
    }

    private async Task<MySqlTestDatabase> WithWaysAsync()
    {
        var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        await database.RunFileAsync(database.Folder.Write("ways.sql", Ways));
        return database;
    }
}
