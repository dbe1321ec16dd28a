using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Nothing but MigrationHost writes to its history, and nothing hides it from it.</summary>
[Collection(PostgreSqlCluster.ForRuns)]
public sealed class PostgreSqlHistoryTests(PostgreSqlCluster cluster)
{
    private const string Deleting = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM migrationhost_history; RETURN NULL; END $$;";

    [Theory]
    [InlineData("DELETE FROM migrationhost_history;")]
    [InlineData("delete from only public.\"migrationhost_history\" where version = '1';")]
    [InlineData("UPDATE ONLY migrationhost_history SET checksum = 'forged';")]
    [InlineData("INSERT INTO public . migrationhost_history (version) VALUES ('7');")]
    [InlineData("MERGE INTO migrationhost_history AS h USING a ON false WHEN NOT MATCHED THEN DO NOTHING;")]
    [InlineData("TRUNCATE TABLE ONLY a, ONLY migrationhost_history CASCADE;")]
    [InlineData("TRUNCATE a *, public.migrationhost_history;")]
    [InlineData("WITH gone AS (DELETE FROM migrationhost_history RETURNING version) SELECT count(*) FROM gone;")]
    [InlineData("EXPLAIN ANALYZE UPDATE migrationhost_history SET checksum = 'forged';")]
    [InlineData("COPY migrationhost_history (version) FROM '/nowhere';")]
    [InlineData("ALTER TABLE IF EXISTS ONLY public.migrationhost_history ADD COLUMN note text;")]
    [InlineData("ALTER TABLE migrationhost_history RENAME TO old_history;")]
    [InlineData("alter table migrationhost_history set schema pg_catalog;")]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON migrationhost_history EXECUTE FUNCTION suppress_redundant_updates_trigger();")]
    [InlineData("CREATE OR REPLACE RULE r AS ON INSERT TO public.migrationhost_history DO INSTEAD NOTHING;")]
    [InlineData("CREATE POLICY p ON migrationhost_history USING (false);")]
    [InlineData("DROP TABLE a, migrationhost_history;")]
    [InlineData("DROP SCHEMA IF EXISTS other, public CASCADE;")]
    [InlineData("ALTER SCHEMA public RENAME TO other;")]
    [InlineData("-- migrationhost: transaction=none\nDROP TABLE IF EXISTS public.migrationhost_history;")]
    public async Task A_statement_that_changes_the_history_is_refused_before_anything_runs(string script)
    {
        await using var database = await MigratedAsync();
        database.Migration("2_forge", script.StartsWith("--", StringComparison.Ordinal) ? script : "CREATE TABLE early (id int);\n" + script);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains("2_forge.sql:2: a migration may not change migrationhost_history", error!.Message, StringComparison.Ordinal);
        Assert.Equal("1|applied", await database.QueryAsync("SELECT version, state FROM migrationhost_history WHERE state = 'applied' AND checksum <> 'forged'"));
    }

    [Fact]
    public async Task A_script_may_read_the_history_and_clean_up_that_of_another_schema()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE seen (version text); CREATE SCHEMA old; CREATE TABLE old.migrationhost_history (version text);");
        database.Migration("2_read", """
            INSERT INTO seen SELECT version FROM migrationhost_history FOR SHARE;
            DELETE FROM seen USING migrationhost_history WHERE false;
            COPY migrationhost_history TO PROGRAM 'cat >/dev/null';
            COMMENT ON TABLE migrationhost_history IS 'DELETE FROM migrationhost_history';
            TRUNCATE old.migrationhost_history;
            DROP TABLE old.migrationhost_history;
            DROP SCHEMA old;
            """);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT version FROM seen"));
    }

    [Theory]
    [InlineData("DO $$ BEGIN DELETE FROM migrationhost_history; END $$;")]
    [InlineData("DO $$ BEGIN TRUNCATE migrationhost_history; END $$;")]
    [InlineData("DO $$ BEGIN UPDATE migrationhost_history SET checksum = checksum; END $$;")]
    [InlineData("DO $$ BEGIN INSERT INTO migrationhost_history SELECT '9', description, checksum, applied_at, duration_ms, applied_by, state FROM migrationhost_history WHERE version = '1'; END $$;")]
    [InlineData("DO $$ BEGIN ALTER TABLE migrationhost_history RENAME TO h; CREATE TABLE migrationhost_history (LIKE h INCLUDING ALL); INSERT INTO migrationhost_history SELECT * FROM h; END $$;")]
    [InlineData("DO $$ BEGIN ALTER TABLE migrationhost_history ADD COLUMN note text; END $$;")]
    [InlineData("DO $$ BEGIN CREATE POLICY p ON migrationhost_history USING (true); END $$;")]
    [InlineData("DO $$ BEGIN CREATE RULE r AS ON UPDATE TO migrationhost_history DO INSTEAD NOTHING; END $$;")]
    [InlineData("SET ROLE pg_monitor; RESET ROLE; DO $$ BEGIN EXECUTE 'DELETE FROM migration' || 'host_history'; END $$;")]
    [InlineData(Deleting + "CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION forget(); INSERT INTO a VALUES (1);")]
    [InlineData(Deleting + "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION forget(); INSERT INTO a VALUES (1);")]
    public async Task What_code_in_the_database_did_to_the_history_is_found_and_rolled_back(string script)
    {
        foreach (var header in (string[])["", "-- migrationhost: transaction=none\n"])
        {
            await using var database = await MigratedAsync();
            var before = await database.QueryAsync("SELECT * FROM migrationhost_history");
            database.Migration("2_forge", header + script);
            await using var host = database.Host();

            var error = await host.MigrateAsync();

            Assert.Equal((MigrationErrorCode.MigrationFailed, 4, "2"), (error?.Code, error?.ExitCode, error?.Version));
            Assert.Contains("has changed migrationhost_history", error!.Message, StringComparison.Ordinal);
            Assert.Contains("2_forge.sql", error.Message, StringComparison.Ordinal);
            Assert.Contains("resolve command", error.Hint, StringComparison.Ordinal);
            Assert.Equal(before, await database.QueryAsync("SELECT * FROM migrationhost_history WHERE state = 'applied'"));
            Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM a"));
            await database.AssertReleasedAsync();
        }
    }

    [Fact]
    public async Task Reading_the_history_and_pointing_at_it_is_no_change()
    {
        await using var database = await MigratedAsync();
        database.Migration("2_fine", """
            CREATE TABLE follows (version text REFERENCES migrationhost_history);
            INSERT INTO follows SELECT version FROM migrationhost_history;
            DO $$ BEGIN PERFORM FROM migrationhost_history; END $$;
            ANALYZE migrationhost_history;
            """);
        database.Migration("3_fine", "-- migrationhost: transaction=none\nVACUUM migrationhost_history;\nINSERT INTO a VALUES (3);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2\n3", await database.HistoryAsync());
    }

    [Fact]
    public async Task A_history_whose_rows_are_hidden_is_not_taken_for_an_empty_one()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        var role = database.CreateRole("", owner: true);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        await database.QueryAsync($"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; ALTER TABLE migrationhost_history ENABLE ROW LEVEL SECURITY");

        await using var hidden = database.HostWith(connection => connection.Username = role);
        var (_, status) = await hidden.Run.InspectAsync(null, default);
        var error = await hidden.MigrateAsync();

        Assert.Equal((3, 3), (status?.ExitCode, error?.ExitCode));
        Assert.Contains($"\"public\".\"migrationhost_history\" has row level security, which can hide rows from role {role}", error!.Message, StringComparison.Ordinal);
        Assert.Contains($"alter role \"{role}\" bypassrls", error.Hint, StringComparison.Ordinal);

        await database.QueryAsync($"ALTER TABLE migrationhost_history DISABLE ROW LEVEL SECURITY");
        await using var seen = database.HostWith(connection => connection.Username = role);
        Assert.Null(await seen.MigrateAsync());
    }

    private async Task<PostgreSqlTestDatabase> MigratedAsync()
    {
        var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        return database;
    }
}
