using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

/// <summary>The history is written by MigrationHost alone: what would change it is refused, and what got past that is found before the
/// commit.</summary>
public sealed class SqliteHistoryTests
{
    [Theory]
    [InlineData("DELETE FROM migrationhost_history;")]
    [InlineData("DELETE FROM main.\"MigrationHost_History\" WHERE version = '9';")]
    [InlineData("UPDATE migrationhost_history SET checksum = 'x';")]
    [InlineData("INSERT INTO migrationhost_history SELECT '7', '', '', applied_at, 1, '', state, 1, '' FROM migrationhost_history;")]
    [InlineData("REPLACE INTO migrationhost_history (version) VALUES ('1');")]
    [InlineData("DROP TABLE migrationhost_history;")]
    [InlineData("ALTER TABLE migrationhost_history RENAME TO old_history;")]
    [InlineData("ALTER TABLE migrationhost_history RENAME COLUMN checksum TO sum;")]
    [InlineData("ALTER TABLE migrationhost_history ADD COLUMN mine TEXT;")]
    [InlineData("ALTER TABLE migrationhost_history DROP COLUMN done_checksum;")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON migrationhost_history BEGIN SELECT 1; END;")]
    [InlineData("CREATE TEMP TRIGGER t AFTER INSERT ON migrationhost_history BEGIN SELECT 1; END;")]
    [InlineData("CREATE UNIQUE INDEX i ON migrationhost_history (description);")]
    [InlineData("WITH x AS (SELECT 1) DELETE FROM migrationhost_history;")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM migrationhost_history; END; INSERT INTO a VALUES (1);")]
    [InlineData("CREATE VIEW v AS SELECT 1 AS x; CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN "
        + "UPDATE migrationhost_history SET checksum = 'x'; END; INSERT INTO v VALUES (1);")]
    public async Task A_statement_that_would_change_it_is_refused_with_its_line(string statement)
    {
        foreach (var header in new[] { "", "-- migrationhost: transaction=none" })
        {
            await using var database = await CreateAsync();
            var before = await RowsAsync(database);
            database.Migration("2_forge", $"{header}\n{statement}");
            await using var host = database.Host();

            var error = await host.MigrateAsync();

            Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
            Assert.Contains("may not change migrationhost_history", error!.Message, StringComparison.Ordinal);
            Assert.Equal(before, await RowsAsync(database));
            await database.AssertReleasedAsync();
        }
    }

    [Theory]
    [InlineData("CREATE TABLE migrationhost_history (version TEXT);")]
    [InlineData("CREATE VIEW migrationhost_history AS SELECT 1;")]
    [InlineData("CREATE TEMP TABLE migrationhost_history (version TEXT);")]
    public async Task A_first_migration_may_not_make_one_of_its_own(string statement)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_forge", statement);
        await using var host = database.Host();

        Assert.Contains(
            "1_forge.sql:1: a migration may not change migrationhost_history",
            (await host.MigrateAsync())?.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE FROM migrationhost_history;")]
    [InlineData("UPDATE main.migrationhost_history SET checksum = 'x';")]
    [InlineData("CREATE INDEX i ON MIGRATIONHOST_HISTORY (state);")]
    [InlineData("DROP TABLE migrationhost_history;")]
    [InlineData("CREATE TABLE t (x); CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM migrationhost_history; END; INSERT INTO t VALUES (1);")]
    public async Task A_first_migration_that_would_change_it_is_refused_as_later_ones_are(string statement)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_forge", statement);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Contains("1_forge.sql:1: a migration may not change migrationhost_history", error!.Message, StringComparison.Ordinal);
        Assert.EndsWith("Use the resolve command for what the history should say.", error.Hint, StringComparison.Ordinal);
        Assert.Equal("", await database.QueryAsync("SELECT name FROM sqlite_schema"));
    }

    [Fact]
    public async Task A_trigger_that_somebody_made_earlier_on_another_table_is_found_when_a_statement_would_fire_it()
    {
        await using var database = await CreateAsync();
        await database.QueryAsync("CREATE TRIGGER sly AFTER INSERT ON a BEGIN DELETE FROM migrationhost_history; END");
        database.Migration("2_insert", "\n\nINSERT INTO a VALUES (1);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 3), (error?.Code, error?.Line));
        Assert.Contains("through sly", error!.Message, StringComparison.Ordinal);
        Assert.Equal("1", await database.HistoryAsync());
    }

    [Theory]
    [InlineData("AFTER INSERT ON migrationhost_history BEGIN DELETE FROM migrationhost_history WHERE version <> new.version; END")]
    [InlineData("AFTER INSERT ON migrationhost_history BEGIN DELETE FROM migrationhost_history; END")]
    [InlineData("AFTER INSERT ON migrationhost_history BEGIN UPDATE migrationhost_history SET checksum = 'x'; END")]
    [InlineData("AFTER INSERT ON migrationhost_history BEGIN UPDATE migrationhost_history SET description = 'x' WHERE version = '1'; END")]
    [InlineData("AFTER INSERT ON migrationhost_history WHEN new.version <> '99' BEGIN INSERT INTO migrationhost_history "
        + "(version, description, checksum, applied_at, duration_ms, applied_by, state, statements_done, done_checksum) "
        + "SELECT '99', description, checksum, applied_at, 1, '', state, 1, '' FROM migrationhost_history WHERE version = '1'; END")]
    [InlineData("AFTER INSERT ON migrationhost_history BEGIN INSERT INTO nowhere VALUES (new.version); END")]
    [InlineData("BEFORE INSERT ON migrationhost_history BEGIN SELECT RAISE(IGNORE); END")]
    [InlineData("BEFORE INSERT ON migrationhost_history BEGIN SELECT RAISE(ABORT, 'not today'); END")]
    public async Task A_trigger_that_somebody_made_on_it_is_found_before_the_commit_and_all_is_rolled_back(string trigger)
    {
        foreach (var header in new[] { "", "-- migrationhost: transaction=none\n" })
        {
            await using var database = await CreateAsync();
            database.Migration("2_insert", $"{header}INSERT INTO a VALUES (1);");
            if (header.Length > 0)
            {
                // The row that says it was begun is written before.
                database.Migration("2_insert", $"{header}SELECT nowhere;");
                await using var begun = database.Host();
                Assert.NotNull(await begun.MigrateAsync());
                database.Migration("2_insert", $"{header}INSERT INTO a VALUES (1);");
            }
            var before = await RowsAsync(database);
            await database.QueryAsync($"CREATE TRIGGER sly {trigger}");
            await database.QueryAsync($"CREATE TRIGGER shy {trigger.Replace("INSERT ON", "UPDATE ON", StringComparison.Ordinal)}");
            await using var host = database.Host();

            var error = await host.MigrateAsync();

            Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
            Assert.Contains("migrations/2_insert.sql", error!.Message, StringComparison.Ordinal);
            Assert.Contains("Remove the trigger on migrationhost_history", error.Hint, StringComparison.Ordinal);
            Assert.Equal(before, await RowsAsync(database));
            Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM a"));
            Assert.DoesNotContain(
                "applied",
                await database.QueryAsync("SELECT state FROM migrationhost_history WHERE version = '2'"),
                StringComparison.Ordinal);
            await database.AssertReleasedAsync();
        }
    }

    [Theory]
    [InlineData("UPDATE sqlite_master SET name = 'h', tbl_name = 'h', sql = replace(sql, 'migrationhost_history', 'h') "
        + "WHERE tbl_name = 'migrationhost_history'; PRAGMA writable_schema = reset;")]
    [InlineData("DELETE FROM sqlite_master WHERE tbl_name = 'migrationhost_history'; PRAGMA writable_schema = reset;")]
    public async Task A_script_that_writes_to_the_schema_by_hand_cannot_take_it_away(string script)
    {
        await using var database = await CreateAsync();
        var before = await RowsAsync(database);
        database.Migration("2_forge", $"PRAGMA writable_schema = on;\n{script}");
        await using var host = database.Host();

        Assert.NotNull(await host.MigrateAsync());
        Assert.Equal(before, await RowsAsync(database));
    }

    [Theory]
    [InlineData("AFTER INSERT", "DELETE FROM migrationhost_history WHERE version = '2'")]
    [InlineData("AFTER INSERT", "UPDATE migrationhost_history SET checksum = 'x' WHERE version = new.version")]
    [InlineData("AFTER INSERT", "INSERT INTO migrationhost_history SELECT '9', '', '', applied_at, 1, '', state, 1, '', NULL FROM migrationhost_history LIMIT 1")]
    [InlineData("BEFORE INSERT", "SELECT RAISE(IGNORE)")]
    [InlineData("BEFORE INSERT", "UPDATE migrationhost_history SET checksum = 'x' WHERE version = '1'; SELECT RAISE(IGNORE)")]
    [InlineData("BEFORE INSERT", "INSERT INTO migrationhost_history SELECT '9', '', '', applied_at, 1, '', state, 1, '', NULL FROM migrationhost_history LIMIT 1; SELECT RAISE(IGNORE)")]
    public async Task A_trigger_on_it_is_found_among_migrations_that_share_a_commit(string when, string what)
    {
        await using var database = await CreateAsync();
        await database.QueryAsync(
            $"CREATE TRIGGER sly {when} ON migrationhost_history WHEN new.version = '4' BEGIN {what}; END");
        var before = await RowsAsync(database);
        for (var i = 2; i <= 5; i++)
            database.Migration($"{i}_insert", $"INSERT INTO a VALUES ({i});");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, "4"), (error?.Code, error?.Version));
        Assert.Contains("Remove the trigger on migrationhost_history", error!.Hint, StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], error.Applied);
        Assert.Equal("1\n2\n3", await database.HistoryAsync());
        Assert.StartsWith(before, await RowsAsync(database), StringComparison.Ordinal);
        Assert.Equal("2\n3", await database.QueryAsync("SELECT * FROM a ORDER BY 1"));
    }

    [Fact]
    public async Task A_trigger_on_it_that_takes_notes_does_so_of_migrations_that_would_share_a_commit()
    {
        await using var database = await CreateAsync();
        await database.QueryAsync("CREATE TABLE notes (version TEXT); "
            + "CREATE TRIGGER note AFTER INSERT ON migrationhost_history BEGIN INSERT INTO notes VALUES (new.version); END");
        for (var i = 2; i <= 7; i++)
            database.Migration($"{i}_insert", $"INSERT INTO a VALUES ({i});");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2\n3\n4\n5\n6\n7", await database.QueryAsync("SELECT version FROM notes"));
        Assert.Equal("2\n3\n4\n5\n6\n7", await database.QueryAsync("SELECT * FROM a ORDER BY 1"));
    }

    [Fact]
    public async Task A_trigger_on_it_that_only_takes_notes_elsewhere_is_left_alone()
    {
        await using var database = await CreateAsync();
        await database.QueryAsync("CREATE TABLE notes (version TEXT); "
            + "CREATE TRIGGER note AFTER INSERT ON migrationhost_history BEGIN INSERT INTO notes VALUES (new.version); END");
        database.Migration("2_insert", "INSERT INTO a VALUES (1);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2", await database.QueryAsync("SELECT version FROM notes"));
    }

    [Fact]
    public async Task A_script_may_read_it()
    {
        await using var database = await CreateAsync();
        database.Migration("2_copy", "CREATE TABLE copy AS SELECT * FROM migrationhost_history;");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT version FROM copy"));
    }

    private static async Task<SqliteTestDatabase> CreateAsync()
    {
        var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        return database;
    }

    private static Task<string> RowsAsync(SqliteTestDatabase database) =>
        database.QueryAsync("SELECT * FROM migrationhost_history WHERE version <> '2' ORDER BY version");
}
