using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

public abstract partial class DatabaseContract
{
    [Fact]
    public async Task A_repeatable_migration_runs_after_all_others_and_again_when_it_has_changed()
    {
        await using var database = CreateDatabase();
        var view = database.Migration("R__names_view", "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT id FROM a;");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER, name VARCHAR(9));");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(("1", 2), (host.Status.Current, host.Status.AppliedCount));
        Assert.Equal("names view", await database.QueryAsync("SELECT description FROM migrationhost_history WHERE version = 'R__names_view'"));
        Assert.Null(await host.MigrateAsync());

        File.WriteAllText(view, "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT id, name, added FROM a;");
        database.Migration("2_add", "ALTER TABLE a ADD COLUMN added INTEGER;");
        var (pending, error) = await host.Run.InspectAsync(null, default);
        Assert.True(pending && error is null);
        Assert.Equal(["2", "R__names_view"], host.Status.Pending.Select(one => one.Version));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(("2", 3, 0), (host.Status.Current, host.Status.AppliedCount, host.Status.PendingCount));
        Assert.Equal("0", await database.QueryAsync("SELECT count(added) FROM names"));

        // One that is no longer needed is no mismatch.
        File.Delete(view);
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2", host.Status.Current);
        Assert.Contains(host.Log.All, line => line.Contains("R__names_view was applied", StringComparison.Ordinal));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Repeatable_migrations_and_callbacks_alone_are_an_empty_folder()
    {
        await using var database = CreateDatabase();
        database.Migration("R__view", "CREATE VIEW v AS SELECT 1 AS x;");
        database.Migration("beforeMigrate", "SELECT 1;");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("has no migration files", error!.Message, StringComparison.Ordinal);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_baseline_records_repeatable_migrations()
    {
        await using var database = CreateDatabase();
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        database.Migration("R__view", "CREATE VIEW v AS SELECT nowhere FROM b;");
        await using var host = database.Host();

        Assert.Null(await host.Run.BaselineAsync("1", dryRun: false, default));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2\nR__view", await database.HistoryAsync());
    }

    [Fact]
    public async Task Placeholders_are_filled_in_and_the_checksum_is_that_of_the_file()
    {
        await using var database = CreateDatabase();
        var script = database.Migration("1_create", "CREATE TABLE ${table} (id INTEGER, note VARCHAR(9) DEFAULT '${mark}');");
        await using (var off = database.Host(("Databases:other:ConnectionString", "Data Source=other.db"), ("Databases:other:Provider", "Sqlite")))
        {
            var (_, error) = await off.Run.InspectAsync(null, default);
            Assert.Null(error);
        }
        (string, string)[] values = [("Databases:app:Placeholders:table", "a"), ("Databases:app:Placeholders:mark", "$1 it")];
        await using (var host = database.Host(values))
            Assert.Null(await host.MigrateAsync());
        await database.QueryAsync("INSERT INTO a (id) VALUES (1)");
        Assert.Equal("1|$1 it", await database.QueryAsync("SELECT * FROM a"));

        // Another value is the same file: what was applied stays applied.
        await using (var changed = database.Host(("Databases:app:Placeholders:table", "b")))
        {
            Assert.Null(await changed.MigrateAsync());
            database.Migration("2_more", "CREATE TABLE c (id INTEGER);\n\nINSERT INTO ${tabel} VALUES (1);");
            var error = await changed.MigrateAsync();
            Assert.Equal((MigrationErrorCode.HistoryMismatch, "migrations/2_more.sql", 3), (error?.Code, error?.File, error?.Line));
            Assert.Contains("a placeholder without a value: ${tabel}", error!.Message, StringComparison.Ordinal);
            Assert.Contains("Placeholders:tabel", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal("1", await database.HistoryAsync());
        Assert.Contains("${table}", await File.ReadAllTextAsync(script), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callbacks_run_only_where_something_is_pending()
    {
        await using var database = CreateDatabase();
        database.AllowExistingTables = true;
        await database.QueryAsync("CREATE TABLE seen (what VARCHAR(20))");
        database.Migration("beforeMigrate", "INSERT INTO seen VALUES ('before');");
        database.Migration("afterMigrate", "INSERT INTO seen SELECT concat('after ', count(*)) FROM a;");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\nINSERT INTO seen VALUES ('1');");
        await using var host = database.Host();
        var none = host.Run.InspectAsync(null, default);
        Assert.Null((await none).Error);

        Assert.Null(await host.MigrateAsync());
        Assert.Null(await host.MigrateAsync());

        Assert.Equal("before\n1\nafter 0", await database.QueryAsync("SELECT what FROM seen"));
        Assert.Equal("1", await database.HistoryAsync());
        Assert.Single(host.Log.All, line => line.Contains("ran migrations/afterMigrate.sql", StringComparison.Ordinal));

        // One that fails ends the start before the first migration.
        database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        database.Migration("beforeMigrate", "SELECT 1;\nINSERT INTO nowhere VALUES (1);");
        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.MigrationFailed, "migrations/beforeMigrate.sql", 2), (error?.Code, error?.File, error?.Line));
        Assert.Equal("1", await database.HistoryAsync());

        database.Migration("beforeMigrate", "-- migrationhost: transaction=none\nSELECT 1;");
        error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("is a callback", error!.Message, StringComparison.Ordinal);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_build_without_a_breaking_migration_does_not_start_and_writes_nothing()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var newer = database.Migration("2_fine", "CREATE TABLE b (id INTEGER);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        File.Delete(newer);
        await using (var older = database.Host())
            Assert.Null(await older.MigrateAsync());
        File.WriteAllText(newer, "CREATE TABLE b (id INTEGER);");
        var breaking = database.Migration("3_drop", "-- migrationhost: breaking=true\nDROP TABLE a;");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        File.Delete(breaking);
        database.Migration("4_pending", "CREATE TABLE d (id INTEGER);");

        await using var without = database.Host();
        var error = await without.MigrateAsync();

        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("version 3 (drop) was applied", error!.Message, StringComparison.Ordinal);
        Assert.Contains("is marked breaking: a build without it must not run on this database", error.Message, StringComparison.Ordinal);
        Assert.Equal("1\n2\n3", await database.HistoryAsync());
        Assert.Equal(error.Message, (await without.Run.InspectAsync(null, default)).Error?.Message);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_history_of_an_earlier_release_gets_the_mark_with_the_first_breaking_migration()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        await database.QueryAsync("ALTER TABLE migrationhost_history DROP COLUMN breaking");
        database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2", await database.HistoryAsync());

        database.Migration("3_drop", "-- migrationhost: breaking=true\nDROP TABLE a;");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());

        Assert.Equal("3", await database.QueryAsync("SELECT version FROM migrationhost_history WHERE breaking = 1"));
        await database.AssertReleasedAsync();
    }
}
