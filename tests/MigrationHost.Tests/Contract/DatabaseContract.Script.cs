using MigrationHost.Databases;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

public abstract partial class DatabaseContract
{
    [Fact]
    public async Task A_script_that_its_own_client_runs_does_what_a_start_does()
    {
        await using var started = CreateDatabase();
        await using var scripted = CreateDatabase();
        foreach (var database in new[] { started, scripted })
        {
            database.Migration("1_create", "CREATE TABLE a (id INTEGER, note VARCHAR(40) DEFAULT '$1; it''s');\nINSERT INTO a (id) VALUES (1) -- the end");
            database.Migration("2_pair", "-- BEGIN; of a story\nBEGIN;\nCREATE TABLE b (id INTEGER);\n/* COMMIT; */ INSERT INTO b VALUES (2);\nCOMMIT;\n-- END;\n");
            database.Migration("3_alone", $"-- migrationhost: transaction=none breaking=true\nCREATE INDEX a_id ON a (id);\n{database.OutsideTransaction}\n");
            database.Migration(@"4_it's_\n_\", "-- nothing to do");
            database.Migration("R__view", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT id FROM a;");
            database.Migration("beforeMigrate", "SELECT 1;");
            database.Migration("afterMigrate", "INSERT INTO b VALUES (3);");
        }
        await using (var host = started.Host())
            Assert.Null(await host.MigrateAsync());

        await using var other = scripted.Host();
        var script = await other.Run.ScriptAsync();
        await scripted.AssertReleasedAsync();
        await scripted.RunFileAsync(scripted.Folder.Write("all.sql", script.Text));

        Assert.Equal(["1", "2", "3", "4", "R__view"], script.Migrations.Select(migration => migration.Version));
        Assert.Contains("3 alone (migrations/3_alone.sql): NOT in a transaction", script.Text, StringComparison.Ordinal);
        Assert.Equal(await started.SchemaAsync(), await scripted.SchemaAsync());
        const string history = "SELECT version, description, checksum, state, statements_done, done_checksum, breaking FROM migrationhost_history ORDER BY version";
        Assert.Equal(await started.QueryAsync(history), await scripted.QueryAsync(history));
        Assert.Equal("2\n3", await scripted.QueryAsync("SELECT id FROM b ORDER BY id"));
        Assert.Equal("$1; it's", await scripted.QueryAsync("SELECT note FROM a"));
        Assert.Null(await other.MigrateAsync());
        Assert.Equal("2\n3", await scripted.QueryAsync("SELECT id FROM b ORDER BY id"));
        Assert.Contains("nothing is pending", (await other.Run.ScriptAsync()).Text, StringComparison.Ordinal);
        await scripted.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_migration_that_is_half_done_is_visible_and_no_script_does_it_again()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var broken = database.Migration("2_fill", "-- migrationhost: transaction=none\nINSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (2);\n");
        database.Migration("3_more", "CREATE TABLE b (id INTEGER);");
        await using (var host = database.Host())
            Assert.NotNull(await host.MigrateAsync());
        File.WriteAllText(broken, File.ReadAllText(broken).Replace("nowhere", "a", StringComparison.Ordinal));
        await using var repaired = database.Host();

        var (script, error) = await repaired.Run.OnHistoryAsync("script", (history, watch) => history.ScriptAsync(watch, null, null), default);

        Assert.Null(script);
        Assert.Equal((MigrationErrorCode.HistoryMismatch, "2"), (error?.Code, error?.Version));
        Assert.StartsWith("migration 2 was begun and is not finished (1 statement done)", error!.Message, StringComparison.Ordinal);
        Assert.Contains("'migrationhost migrate' continues it", error.Hint, StringComparison.Ordinal);
        Assert.Empty((await repaired.Run.ScriptAsync(to: "1")).Migrations);

        const string warning = "migration 2 was begun and is not finished: 1 statement done";
        Assert.Contains(await ExamineAsync(repaired.Run), check => check.Result == DoctorResult.Warning && check.Message == warning);
        Assert.Equal([("2", 1), ("3", null)], repaired.Status.Pending.Select(pending => (pending.Version, pending.StatementsDone)));
        await database.AssertReleasedAsync();

        Assert.Null(await repaired.MigrateAsync());
        Assert.Equal("1\n2", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
        Assert.DoesNotContain(await ExamineAsync(repaired.Run), check => check.Message == warning);
    }

    [Fact]
    public async Task A_script_has_what_is_behind_one_version_up_to_another()
    {
        await using var database = CreateDatabase();
        for (var i = 1; i <= 4; i++)
            database.Migration($"{i}_make", $"CREATE TABLE t{i} (id INTEGER);");
        await using var host = database.Host();
        await database.RunFileAsync(database.Folder.Write("first.sql", (await host.Run.ScriptAsync("0", "1")).Text));
        await database.RunFileAsync(database.Folder.Write("next.sql", (await host.Run.ScriptAsync("01", "3")).Text));
        Assert.Equal("1\n2\n3", await database.HistoryAsync());

        var (_, error) = await host.Run.OnHistoryAsync("script", (history, watch) => history.ScriptAsync(watch, "3", "2"), default);
        Assert.Equal(MigrationErrorCode.InvalidConfiguration, error?.Code);
        (_, error) = await host.Run.OnHistoryAsync("script", (history, watch) => history.ScriptAsync(watch, null, "7"), default);
        Assert.Contains("--to 7: migrations has no such version; the last are 1, 2, 3, 4", error?.Message, StringComparison.Ordinal);

        // Stopped at the first error, nothing of its part is there and nothing behind it.
        database.Migration("4_make", "INSERT INTO t1 VALUES (4);\nINSERT INTO nowhere VALUES (4);");
        await Assert.ThrowsAnyAsync<Exception>(
            async () => await database.RunFileAsync(database.Folder.Write("broken.sql", (await host.Run.ScriptAsync()).Text)));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM t1"));
        Assert.Equal("1\n2\n3", await database.HistoryAsync());
    }
}
