using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

public sealed class SqliteForeignKeyTests
{
    private const string ParentAndChild =
        """
        CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE);
        INSERT INTO parent VALUES (1, 'a'), (2, 'b');
        INSERT INTO child VALUES (10, 1), (20, 2);
        """;

    private const string Rebuild =
        """
        CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO new_parent SELECT id, name FROM parent;
        DROP TABLE parent;
        ALTER TABLE new_parent RENAME TO parent;
        """;

    [Fact]
    public async Task A_table_rebuild_keeps_the_rows_of_the_children()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", ParentAndChild);
        database.Migration("2_rebuild", Rebuild);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2", await database.QueryAsync("SELECT count(*) FROM child"));
    }

    [Fact]
    public async Task A_table_rebuild_under_enforcement_cascades_into_the_children_as_sqlite_says()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", ParentAndChild);
        database.Migration("2_rebuild", $"-- migrationhost: foreign-keys=on\n{Rebuild}");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM child"));
    }

    [Theory]
    [InlineData("INSERT INTO child VALUES (30, 3);")]
    [InlineData("UPDATE child SET parent_id = 3 WHERE id = 10;")]
    [InlineData("DELETE FROM parent WHERE id = 1;")]
    [InlineData("UPDATE parent SET id = 9 WHERE id = 1;")]
    [InlineData("DROP TABLE parent;")]
    [InlineData("REPLACE INTO parent (id, name) VALUES (5, 'x'); DELETE FROM parent WHERE name = 'a';")]
    [InlineData("PRAGMA foreign_keys = off; DELETE FROM parent WHERE id = 2;")]
    [InlineData("CREATE TABLE moved AS SELECT * FROM parent WHERE id = 1; DROP TABLE parent; ALTER TABLE moved RENAME TO parent; CREATE UNIQUE INDEX parent_id ON parent (id);")]
    public async Task A_violation_that_was_not_there_before_fails_the_migration(string script)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", ParentAndChild);
        database.Migration("2_break", script);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, "migrations/2_break.sql"), (error?.Code, error?.File));
        Assert.Contains("foreign key violation", error!.Message, StringComparison.Ordinal);
        Assert.Contains("child(parent_id) refers to no row of parent", error.Message, StringComparison.Ordinal);
        Assert.Equal("1|1\n2|2", await database.QueryAsync("SELECT p.id, c.parent_id FROM parent p JOIN child c ON c.parent_id = p.id"));
        await database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData("INSERT INTO child VALUES (30, 1);")]
    [InlineData("UPDATE parent SET name = 'z';")]
    [InlineData("DELETE FROM parent WHERE id = 2; DELETE FROM child WHERE parent_id = 2;")]
    [InlineData("CREATE TABLE new_child (id TEXT PRIMARY KEY, parent_id INTEGER REFERENCES parent (id)); INSERT INTO new_child SELECT id, parent_id FROM child ORDER BY id DESC; DROP TABLE child; ALTER TABLE new_child RENAME TO child;")]
    public async Task A_violation_that_was_there_before_does_not(string script)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", ParentAndChild);
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        await database.QueryAsync("PRAGMA foreign_keys = off; INSERT INTO child VALUES (99, 77)");
        database.Migration("2_more", script);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("77", await database.QueryAsync("SELECT parent_id FROM child WHERE id = 99"));
    }

    [Fact]
    public async Task Under_foreign_keys_on_an_immediate_violation_names_its_line()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", ParentAndChild);
        database.Migration("2_break", "-- migrationhost: foreign-keys=on\nINSERT INTO child VALUES (30, 1);\nINSERT INTO child VALUES (31, 3);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.MigrationFailed, 3), (error?.Code, error?.Line));
        Assert.Contains("FOREIGN KEY constraint failed", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_foreign_keys_on_a_deferred_violation_fails_the_commit()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (parent_id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);");
        database.Migration("2_break", "-- migrationhost: foreign-keys=on\nINSERT INTO child VALUES (3);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.MigrationFailed, "migrations/2_break.sql"), (error?.Code, error?.File));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM child"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Under_foreign_keys_on_the_pragma_is_refused_with_the_remedy()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "-- migrationhost: foreign-keys=on\nCREATE TABLE a (id INTEGER);\nPRAGMA foreign_keys = off;");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.MigrationFailed, 3), (error?.Code, error?.Line));
        Assert.Contains("remove foreign-keys=on", error!.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_transaction_a_violation_is_told_and_can_be_resolved()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", ParentAndChild);
        database.Migration("2_break", "-- migrationhost: transaction=none\nDELETE FROM parent WHERE id = 1;");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
        Assert.Contains("foreign key violation", error!.Message, StringComparison.Ordinal);
        Assert.Contains("resolve 2 --applied", error.Hint, StringComparison.Ordinal);
    }
}
