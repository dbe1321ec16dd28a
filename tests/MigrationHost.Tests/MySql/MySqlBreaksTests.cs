using System.Globalization;
using MigrationHost.Databases.MySql;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>Every DDL statement commits by itself: what a break leaves open is settled, and never twice.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlBreaksTests(MariaDbServer server)
{
    private const string Setup =
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER);
        CREATE VIEW v AS SELECT id FROM a;
        CREATE PROCEDURE p() INSERT INTO a VALUES (9, 9);
        CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.x = NEW.x + 1;
        """;

    public static TheoryData<string> Listed => new(
        "CREATE TABLE b (id INTEGER)",
        "ALTER TABLE a ADD COLUMN y INTEGER",
        "ALTER TABLE a RENAME TO b",
        "RENAME TABLE a TO b",
        "DROP TABLE a",
        "CREATE INDEX a_x ON a (x)",
        "CREATE VIEW w AS SELECT x FROM a",
        "ALTER VIEW v AS SELECT x FROM a",
        "DROP VIEW v",
        "CREATE FUNCTION f() RETURNS INTEGER RETURN 1",
        "DROP PROCEDURE p",
        "CREATE TRIGGER u BEFORE UPDATE ON a FOR EACH ROW SET NEW.x = 1",
        "DROP TRIGGER t");

    [Theory]
    [MemberData(nameof(Listed))]
    public async Task A_listed_statement_that_was_under_way_is_done_once_whether_it_had_committed_or_not(string sql)
    {
        foreach (var committed in new[] { true, false })
        {
            await using var database = new MySqlTestDatabase(server);
            await LeaveAsync(database, sql, committed);
            await using var host = database.Host();

            Assert.Null(await host.MigrateAsync());

            Assert.Equal("applied", await database.QueryAsync("SELECT state FROM migrationhost_history WHERE version = '1'"));
            Assert.Equal("", await database.QueryAsync("SELECT * FROM migrationhost_statement"));
            Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM log"));
            Assert.Equal(committed, host.Log.All.Any(line => line.Contains("statement 6 was done before an earlier start was ended", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("DROP TABLE a, b", "some of the objects that it names may be gone")]
    [InlineData("TRUNCATE TABLE a", "the table may be empty")]
    [InlineData("CREATE TABLE b AS SELECT * FROM a", "what it creates may exist")]
    [InlineData("CREATE OR REPLACE VIEW v AS SELECT x FROM a", "what it creates may exist")]
    [InlineData("ALTER TABLE a FORCE", "its effect may be there")]
    [InlineData("CALL p()", "each statement that it ran may be committed")]
    [InlineData("GRANT SELECT ON a TO nobody", "some of the rights may be changed")]
    public async Task Any_other_statement_that_was_under_way_is_left_to_a_human_with_what_may_exist(string sql, string what)
    {
        await using var database = new MySqlTestDatabase(server);
        await LeaveAsync(database, sql, committed: false);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 4, 5), (error?.Code, error?.ExitCode, error?.Line));
        Assert.Contains("was under way when an earlier start was ended", error!.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Hint, StringComparison.Ordinal);
        Assert.Contains("'migrationhost resolve 1 --applied'", error.Hint, StringComparison.Ordinal);

        Assert.Null((await host.Run.SettleAsync("1", MigrationHost.Running.Settlement.Applied)).Error);
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_statement_that_was_corrected_meanwhile_runs_if_the_first_one_had_done_nothing()
    {
        await using var database = new MySqlTestDatabase(server);
        await LeaveAsync(database, "ALTER TABLE a ADD COLUMN y INTEGER", committed: false);
        database.Migration("1_break", Script("INSERT INTO a VALUES (1, 1)"));
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM a"));
    }

    [Fact]
    public async Task A_statement_that_was_corrected_although_the_first_one_is_done_is_left_to_a_human()
    {
        await using var database = new MySqlTestDatabase(server);
        await LeaveAsync(database, "ALTER TABLE a ADD COLUMN y INTEGER", committed: true);
        database.Migration("1_break", Script("ALTER TABLE a ADD COLUMN z INTEGER"));
        await using var host = database.Host();

        Assert.Contains("that one has changed table a", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sql_mode", "'ANSI_QUOTES'")]
    [InlineData("sql_quote_show_create", "0")]
    [InlineData("time_zone", "'+05:00'")]
    public async Task What_a_definition_is_printed_by_does_not_make_a_statement_done(string variable, string value)
    {
        await using var database = new MySqlTestDatabase(server);
        await LeaveAsync(database, "ALTER TABLE a ADD COLUMN y TIMESTAMP DEFAULT '2026-01-01 00:00:00'", committed: false);
        await server.QueryAsync($"SET GLOBAL {variable} = {value}");
        try
        {
            await using var host = database.Host();
            Assert.Null(await host.MigrateAsync());
        }
        finally
        {
            await server.QueryAsync($"SET GLOBAL {variable} = DEFAULT");
        }

        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM information_schema.columns WHERE table_schema = database() AND table_name = 'a' AND column_name = 'y'"));
    }

    [Theory]
    [InlineData("9.9.1-Other", "read by version 9.9.1-Other of the server")]
    [InlineData("", "read by an earlier release of MigrationHost")]
    public async Task A_definition_that_another_version_has_printed_is_left_to_a_human_unless_it_is_the_same(string version, string problem)
    {
        foreach (var committed in new[] { true, false })
        {
            await using var database = new MySqlTestDatabase(server);
            await LeaveAsync(database, "ALTER TABLE a ADD COLUMN y INTEGER", committed, version);
            await using var host = database.Host();

            var error = await host.MigrateAsync();

            Assert.Equal(committed ? MigrationErrorCode.MigrationFailed : null, error?.Code);
            Assert.Contains(committed ? problem : "", error?.Message ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_definition_is_asked_for_without_a_trace_in_the_session()
    {
        await using var database = new MySqlTestDatabase(server);
        await using var link = await MySqlLink.OpenAsync($"{database.ConnectionString};Pooling=False", CancellationToken.None);
        await link.ExecuteAsync(CancellationToken.None, "SET sql_mode = 'ORACLE', sql_quote_show_create = 0, time_zone = '+05:00'", "CREATE TABLE a (id INTEGER)");
        const string Settings = "SELECT CONCAT_WS(' ', @@sql_mode, @@sql_quote_show_create, @@time_zone)";
        var before = await link.ScalarAsync(Settings, CancellationToken.None);

        await new CatalogObject("TABLE", null, "a").FingerprintAsync(link, CancellationToken.None);
        await new CatalogObject("TABLE", null, "missing").FingerprintAsync(link, CancellationToken.None);

        Assert.Equal(before, await link.ScalarAsync(Settings, CancellationToken.None));
    }

    [Theory]
    [InlineData("CREATE TABLE a (id INTEGER)")]
    [InlineData("DROP TABEL a, b")]
    public async Task A_failed_ddl_statement_has_done_nothing_and_the_corrected_script_goes_on_there(string wrong)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_break", $"CREATE TABLE a (id INTEGER);\n{wrong};\nCREATE TABLE b (id INTEGER);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains("Statement 1 of migration 1 is done and recorded", error!.Hint, StringComparison.Ordinal);
        Assert.Contains("Nothing of the failed statement is done", error.Hint, StringComparison.Ordinal);
        database.Migration("1_break", "CREATE TABLE a (id INTEGER);\nCREATE TABLE c (id INTEGER);\nCREATE TABLE b (id INTEGER);");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("a\nb\nc", await database.QueryAsync("SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_name NOT LIKE 'migrationhost%' ORDER BY 1"));
    }

    [Fact]
    public async Task A_drop_of_several_tables_that_fails_may_have_dropped_some_and_is_left_to_a_human()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_break", "CREATE TABLE a (id INTEGER);\nDROP TABLE a, missing;");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains("some of the objects that it names may be gone", error!.Hint, StringComparison.Ordinal);
        Assert.Contains("was under way when an earlier start was ended", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_instances_running_statement_is_ended_before_the_catalog_is_asked()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_slow", "CREATE TABLE a (id INTEGER);\nCREATE TABLE b AS SELECT SLEEP(1000);");
        await using (var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]))
        {
            await Eventually.BecomesTrueAsync(
                async () => (await server.QueryAsync("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '/* migrationhost%SLEEP(1000)'")) == "1",
                () => program.All);
            program.KillNow();
            await program.ExitAsync();
        }
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Contains("1_slow.sql:2: was under way when an earlier start was ended", error?.Message, StringComparison.Ordinal);
        Assert.Equal("0", await server.QueryAsync("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '/* migrationhost%SLEEP(1000)'"));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_name = 'b'"));
    }

    [Fact]
    public async Task A_procedure_that_commits_is_recorded_before_it_runs()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_break", "CREATE TABLE a (id INTEGER);\nCREATE PROCEDURE p() BEGIN INSERT INTO a VALUES (1); COMMIT; INSERT INTO nowhere VALUES (1); END;\nCALL p();");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 3), (error?.Code, error?.Line));
        Assert.Contains("each statement that it ran may be committed", error!.Hint, StringComparison.Ordinal);
        await host.MigrateAsync();
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM a"));
    }

    [Theory]
    [InlineData("INSERT INTO a VALUES (1); CREATE TABLE b (id INTEGER); INSERT INTO nowhere VALUES (1)")]
    [InlineData("IF 1 THEN INSERT INTO a VALUES (1); CREATE TABLE b (id INTEGER); INSERT INTO nowhere VALUES (1); END IF")]
    [InlineData("LOOP INSERT INTO a VALUES (1); COMMIT; INSERT INTO nowhere VALUES (1); END LOOP")]
    public async Task What_commits_within_a_text_that_is_sent_as_one_is_not_done_twice(string statements)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_break", $"DELIMITER //\n{statements}//");
        await using var host = database.Host();

        Assert.Equal(2, (await host.MigrateAsync())?.Line);
        Assert.Equal(2, (await host.MigrateAsync())?.Line);

        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM a"));
        Assert.Equal("started", await database.QueryAsync("SELECT state FROM migrationhost_history WHERE version = '2'"));
    }

    [Theory]
    [InlineData("SET @id = LAST_INSERT_ID();")]
    [InlineData("SET @one = 1, @id := (SELECT max(id) FROM a);")]
    [InlineData("SELECT 1, 7 INTO @one, @id;")]
    [InlineData("CALL p(@id);")]
    public async Task A_variable_that_ended_with_its_session_is_never_read_as_something_else(string set)
    {
        await using var database = new MySqlTestDatabase(server);
        var head = $"CREATE TABLE a (id INTEGER AUTO_INCREMENT PRIMARY KEY);\nCREATE PROCEDURE p(OUT x INTEGER) SET x = 7;\nINSERT INTO a VALUES (7);\n{set}\n";
        var script = database.Migration("1_break", $"{head}INSERT INTO nowhere VALUES (@id);\nINSERT INTO a VALUES (@id + 1);");
        await using var host = database.Host();
        Assert.Equal(5, (await host.MigrateAsync())?.Line);
        File.WriteAllText(script, $"{head}SELECT 1;\nINSERT INTO a VALUES (@id + 1);");

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 6), (error?.Code, error?.Line));
        Assert.Contains("reads @id, which statement 4 had set in a session that has ended", error!.Message, StringComparison.Ordinal);
        File.WriteAllText(script, $"{head}SET @id = 7;\nINSERT INTO a VALUES (@id + 1);");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("7\n8", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
    }

    [Fact]
    public async Task A_variable_of_a_constant_is_set_again()
    {
        await using var database = new MySqlTestDatabase(server);
        var script = database.Migration("1_break", "CREATE TABLE a (id INTEGER);\nSET @id = 7;\nINSERT INTO nowhere VALUES (1);\nINSERT INTO a VALUES (@id);");
        await using var host = database.Host();
        Assert.NotNull(await host.MigrateAsync());
        File.WriteAllText(script, File.ReadAllText(script).Replace("nowhere", "a", StringComparison.Ordinal));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1\n7", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
    }

    [Theory]
    [InlineData("SET STATEMENT max_statement_time = 100 FOR INSERT INTO a VALUES (5)")]
    [InlineData("ANALYZE FORMAT=JSON INSERT INTO a SELECT 5")]
    public async Task A_statement_within_a_statement_is_done_once(string sql)
    {
        await using var database = new MySqlTestDatabase(server);
        var script = database.Migration("1_break", $"CREATE TABLE a (id INTEGER);\n{sql};\nINSERT INTO nowhere VALUES (1);");
        await using var host = database.Host();
        Assert.Equal(3, (await host.MigrateAsync())?.Line);
        File.WriteAllText(script, File.ReadAllText(script).Replace("INSERT INTO nowhere VALUES (1)", "SELECT 1", StringComparison.Ordinal));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("5", await database.QueryAsync("SELECT id FROM a"));
    }

    private static string Script(string sixth) => $"{Setup} CREATE TABLE log (id INTEGER);\n{sixth};\nINSERT INTO log VALUES (1);";

    /// <summary>Leaves a database as a start does that is ended while the sixth statement of a script is under way.</summary>
    private static async Task LeaveAsync(MySqlTestDatabase database, string sql, bool committed, string? version = null)
    {
        var script = database.Migration("1_break", Script("INSERT INTO nowhere VALUES (1)"));
        await using (var host = database.Host())
            Assert.NotNull(await host.MigrateAsync());
        File.WriteAllText(script, Script(sql));

        var statement = Assert.Single(MySqlSplitter.Split(sql, escapes: true, (_, _, _) => { }));
        await using var link = await MySqlLink.OpenAsync($"{database.ConnectionString};Pooling=False;AllowUserVariables=True", CancellationToken.None);
        var about = CatalogObject.Of(statement) is { } one ? one with { Schema = database.Name } : null;
        var before = about is null ? null : await about.FingerprintAsync(link, CancellationToken.None);
        string Value(string? text) => MySqlText.Literal(text);
        await link.ExecuteAsync(
            CancellationToken.None,
            "UPDATE migrationhost_history SET statement_begun = 6 WHERE version = '1'",
            string.Create(
                CultureInfo.InvariantCulture,
                $"REPLACE INTO migrationhost_statement VALUES ('1', 6, {Value($"{StatementRecords.Checksum(statement)} {version ?? link.Server.Plain}".TrimEnd())}, {Value(about?.Kind)}, {Value(about?.Schema)}, {Value(about?.Name)}, {Value(before)}, 999999, 'gone', UTC_TIMESTAMP())"));
        if (committed)
            await link.ExecuteAsync(CancellationToken.None, sql);
    }
}
