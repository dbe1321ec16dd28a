using System.Buffers.Binary;
using System.Globalization;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

/// <summary>Several migrations share a commit if hardly anybody waits for it; what comes of them is what comes of single ones.</summary>
[Collection(PostgreSqlCluster.ForRuns)]
public sealed class SharedCommitTests(PostgreSqlCluster cluster)
{
    private const int Many = 40;

    [Fact]
    public async Task A_new_SQLite_file_takes_many_migrations_in_few_commits()
    {
        await using var database = new SqliteTestDatabase();
        WriteMany(database);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(Many, host.Status.AppliedCount);
        Assert.Equal($"{Many}", await database.QueryAsync("SELECT count(*) FROM migrationhost_history WHERE state = 'applied'"));
        Assert.InRange(Commits(database.Path), 1, Many / 2);
    }

    [Fact]
    public async Task A_new_PostgreSQL_database_takes_many_migrations_in_few_transactions_and_one_in_use_takes_each_in_its_own()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        WriteMany(database);
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        Assert.InRange(int.Parse(await database.QueryAsync(Transactions("true")), CultureInfo.InvariantCulture), 1, Many / 2);

        for (var i = Many + 1; i <= Many + 5; i++)
            database.Migration($"{i}_more", $"CREATE TABLE t{i} (id INTEGER);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        Assert.Equal("5", await database.QueryAsync(Transactions($"version::int > {Many}")));

        static string Transactions(string which) => $"SELECT count(DISTINCT xmin::text) FROM migrationhost_history WHERE {which}";
    }

    [Fact]
    public async Task What_works_only_in_transactions_of_its_own_works()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE a (now mood);");
        database.Migration("2_add", "ALTER TYPE mood ADD VALUE 'happy';");
        database.Migration("3_use", "INSERT INTO a VALUES ('happy');");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("happy", await database.QueryAsync("SELECT now FROM a"));
        Assert.Equal(["1", "2", "3"], host.Status.Applied.Select(applied => applied.Version));
    }

    [Fact]
    public async Task A_session_that_a_script_changes_is_not_that_of_the_next_one()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE SCHEMA other; CREATE TABLE a (id INTEGER);");
        database.Migration("2_elsewhere", "SET LOCAL search_path = other; CREATE TABLE b (id INTEGER);");
        database.Migration("3_here", "CREATE TABLE c (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(
            "a|public\nb|other\nc|public",
            await database.QueryAsync("SELECT tablename, schemaname FROM pg_tables WHERE tablename IN ('a', 'b', 'c') ORDER BY 1"));
    }

    [Theory]
    [InlineData("INSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (1);", 2, "relation \"nowhere\" does not exist")]
    [InlineData("DO $$ BEGIN DELETE FROM migrationhost_history; END $$;", null, "has changed migrationhost_history")]
    [InlineData("DO $$ BEGIN UPDATE migrationhost_history SET description = 'x'; END $$;", null, "has changed migrationhost_history")]
    [InlineData("DO $$ BEGIN INSERT INTO migrationhost_history (version, description, checksum, applied_at, duration_ms, applied_by, state) "
        + "SELECT '9', '', '', applied_at, 1, '', state FROM migrationhost_history LIMIT 1; END $$;", null, "has changed migrationhost_history")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'UPDATE migrationhost_history SET state = state'; SELECT f();", null, "has changed migrationhost_history")]
    [InlineData("CREATE TABLE b (id INTEGER);\nSET TRANSACTION READ ONLY;", null, "in a read-only transaction")]
    [InlineData("CREATE TABLE b (id INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO b VALUES (7);", null, "violates foreign key")]
    public async Task A_failure_on_PostgreSQL_is_that_of_a_single_run_with_its_line(string broken, int? line, string message)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER PRIMARY KEY);");
        database.Migration("2_read", "SELECT 'x' AS migrationhost_look, 5; SELECT FROM pg_class; SELECT id FROM a;");
        database.Migration("3_broken", broken);
        database.Migration("4_never", "CREATE TABLE never (id INTEGER);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Contains(message, error?.Message, StringComparison.Ordinal);
        Assert.Equal(("3", line), (error!.Version, error.Line));
        Assert.Equal(["1", "2"], error.Applied);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM a"));
    }

    [Theory]
    [InlineData("INSERT OR ROLLBACK INTO a VALUES (1);")]
    [InlineData("INSERT INTO nowhere VALUES (1);")]
    public async Task A_failure_is_that_of_a_single_run(string broken)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER PRIMARY KEY);");
        database.Migration("2_fill", "INSERT INTO a VALUES (1);");
        database.Migration("3_break", $"INSERT INTO a VALUES (3);\n{broken}");
        database.Migration("4_never", "INSERT INTO a VALUES (4);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, "3", 2), (error!.Code, error.Version, error.Line));
        Assert.Equal(["1", "2"], error.Applied);
        Assert.Equal("1\n2", await database.HistoryAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
    }

    [Fact]
    public async Task The_first_of_them_that_fails_has_run_once()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_break", "DO $$ BEGIN RAISE NOTICE 'ran'; END $$; SELECT 1 / 0;");
        database.Migration("2_never", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        Assert.Equal("1", (await host.MigrateAsync())?.Version);
        Assert.Single(host.Log.All, line => line.Contains("NOTICE: ran", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_takes_long_runs_once_to_its_end_and_alone()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_slow", database.Slow);
        database.Migration("3_more", "INSERT INTO a VALUES (3);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(["1", "2", "3"], host.Status.Applied.Select(applied => applied.Version));
        Assert.Equal("3", await database.QueryAsync("SELECT id FROM a"));
    }

    [Fact]
    public async Task A_repeatable_one_that_is_due_again_does_not_keep_the_others_from_sharing()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (what TEXT);");
        database.Migration("R__note", "INSERT INTO a VALUES ('first');");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        var before = Commits(database.Path);
        for (var i = 2; i <= 9; i++)
            database.Migration($"{i}_insert", $"INSERT INTO a VALUES ('{i}');");
        database.Migration("R__note", "INSERT INTO a VALUES ('again');");

        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());

        Assert.Equal("first\n2\n3\n4\n5\n6\n7\n8\n9\nagain", await database.QueryAsync("SELECT what FROM a ORDER BY rowid"));
        Assert.InRange(Commits(database.Path) - before, 2, 4);
    }

    [Theory]
    [InlineData("DO $$ BEGIN SET LOCAL search_path = other; CREATE TABLE a (id INTEGER); END $$;", "CREATE TABLE b (id INTEGER);",
        "SELECT schemaname FROM pg_tables WHERE tablename = 'b'", "public")]
    [InlineData("CREATE FUNCTION enter() RETURNS void LANGUAGE plpgsql AS 'BEGIN SET LOCAL search_path = other; END'; SELECT enter();", "CREATE TABLE b (id INTEGER);",
        "SELECT schemaname FROM pg_tables WHERE tablename = 'b'", "public")]
    [InlineData("CREATE TABLE price (value INTEGER, valid tstzrange DEFAULT tstzrange(now(), null)); INSERT INTO price VALUES (10);",
        "UPDATE price SET valid = tstzrange(lower(valid), now());", "SELECT isempty(valid) FROM price", "f")]
    [InlineData("CREATE TABLE b (id INTEGER);", "SELECT 1 AS migrationhost_look;", "SELECT count(*) FROM migrationhost_history", "3")]
    public async Task On_PostgreSQL_nothing_of_one_reaches_the_next(string one, string next, string question, string answer)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_begin", "CREATE SCHEMA other;");
        database.Migration("2_one", one);
        database.Migration("3_next", next);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(answer, await database.QueryAsync(question));
    }

    [Fact]
    public async Task On_PostgreSQL_what_waits_for_the_commit_waits_for_that_of_its_own_migration()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE s (n INTEGER PRIMARY KEY, p INTEGER REFERENCES s DEFERRABLE INITIALLY DEFERRED);");
        database.Migration("2_fill", "INSERT INTO s VALUES (1, 1);\nALTER TABLE s ADD COLUMN z INTEGER;");
        database.Migration("3_never", "CREATE TABLE never (id INTEGER);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(("2", 2), (error?.Version, error?.Line));
        Assert.Contains("pending trigger events", error!.Message, StringComparison.Ordinal);
        Assert.Equal(["1"], error.Applied);
    }

    [Theory]
    [InlineData("-- migrationhost: timeout=00:00:00.200\n", "00:15:00")]
    [InlineData("", "00:00:00.600")]
    public async Task A_limit_of_one_migration_leaves_those_before_it(string header, string limit)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_fill", "INSERT INTO a VALUES (2);");
        database.Migration("3_slow", $"{header}WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) INSERT INTO a SELECT max(x) FROM n;");
        await using var host = database.Host(("Databases:app:Timeouts:Migration", limit));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DeadlineExceeded, "3"), (error?.Code, error?.Version));
        Assert.Equal("1\n2", await database.HistoryAsync());
    }

    [Fact]
    public async Task A_connection_that_is_lost_in_the_middle_leaves_those_before_it()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_create", "CREATE TABLE b (id INTEGER);");
        database.Migration("3_end", "SELECT pg_terminate_backend(pg_backend_pid());");
        await using var host = database.Host();

        Assert.Equal("3", (await host.MigrateAsync())?.Version);
        Assert.Equal("1\n2", await database.HistoryAsync());
    }

    private static void WriteMany(TestDatabase database)
    {
        for (var i = 1; i <= Many; i++)
            database.Migration($"{i}_create", $"CREATE TABLE t{i} (id INTEGER); CREATE INDEX i{i} ON t{i} (id);");
    }

    // The file change counter, https://sqlite.org/fileformat2.html#file_change_counter.
    private static int Commits(string path) => (int)BinaryPrimitives.ReadUInt32BigEndian(File.ReadAllBytes(path).AsSpan(24, 4));
}
