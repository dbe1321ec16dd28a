using MigrationHost.Databases.PostgreSql;
using MigrationHost.Layouts;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>What scripts may say to a PostgreSQL server, and what becomes of it.</summary>
[Collection(PostgreSqlCluster.ForRuns)]
public sealed class PostgreSqlScriptTests(PostgreSqlCluster cluster)
{
    [Fact]
    public async Task Every_statement_reaches_the_server_as_it_is_written()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_texts", """
            CREATE TABLE t (id int PRIMARY KEY, a text, j jsonb DEFAULT '{"k": ":x @y $1 ?"}');
            INSERT INTO t VALUES (1, ':name @param $1 ? {0}'), (2, E'it''s \'quoted\';'), (3, $a$dollar; $b$ $$ quoted$a$);
            CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN n * 2; END $$;
            CREATE FUNCTION thrice(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT n * 3; END;
            CREATE VIEW v AS SELECT j ? 'k' AS has, (j ->> 'k')::text AS k, (ARRAY[1,2,3])[1:2] AS s FROM t WHERE id = 1;
            DO $$ BEGIN IF twice(2) <> 4 OR thrice(2) <> 6 THEN RAISE EXCEPTION 'wrong'; END IF; END $$;
            """);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(":name @param $1 ? {0}\nit's 'quoted';\ndollar; $b$ $$ quoted", await database.QueryAsync("SELECT a FROM t ORDER BY id"));
        Assert.Equal("t|:x @y $1 ?|{1,2}", await database.QueryAsync("SELECT * FROM v"));
    }

    [Fact]
    public void A_script_is_run_in_a_database_that_is_named() => Assert.Equal(
        "psql -X -d DATABASE -f all.sql",
        new PostgreSqlClientScript(OwnHistory.Form, HistoryTable.Name, new Dictionary<string, string>()).HowToRun("all.sql"));

    [Theory]
    [InlineData("CREATE TABLE a (id int);\n\nINSERT INTO a\nSELECT 1,\n  nowhere;", 5, "nowhere")]
    [InlineData("CREATE TABLE a (id int);\n\nSELECT 'never closed;", 3, "unterminated")]
    [InlineData("CREATE TABLE a (id int);\n\\i other.sql", 2, "\\i is a command of psql")]
    [InlineData("CREATE TABLE a (id int);\nCOPY a FROM STDIN;\n1\n2\n", 2, "COPY")]
    [InlineData("CREATE TABLE a (id int);\nCOPY a (id) FROM stdin WITH (FORMAT csv);\nDROP; \\i x\n\\N\n\\.\nCREATE TABLE b (id int);", 2, "reads the 2 data lines behind it")]
    [InlineData("CREATE TABLE a (id int);\nCOPY a TO STDOUT;", 2, "COPY … TO STDOUT sends rows to the client")]
    [InlineData("CREATE TABLE a (id int);\ncopy (SELECT 1) to stdout (format csv);", 2, "COPY … TO STDOUT sends rows to the client")]
    [InlineData("CREATE TABLE a (id int);\nVACUUM;", 2, "VACUUM cannot run inside a transaction block")]
    [InlineData("CREATE TABLE a (id int);\nDO $$ BEGIN COMMIT; END $$;", 2, "invalid transaction termination")]
    [InlineData("CREATE TABLE a (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1), (1);", null, "the commit failed: duplicate key")]
    public async Task A_wrong_script_is_rolled_back_whole_and_the_message_has_its_line_and_the_remedy(string script, int? line, string message)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_wrong", script);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 4, line), (error?.Code, error?.ExitCode, error?.Line));
        Assert.Contains(message, error!.Message, StringComparison.Ordinal);
        Assert.Contains(line is null ? "migrations/1_wrong.sql" : $"migrations/1_wrong.sql:{line}", error.Message, StringComparison.Ordinal);
        Assert.Equal("", await database.QueryAsync("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_syntax_error_does_not_quote_a_string()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_wrong", "SELECT 1 'Zq7xKw9v';");
        await using var host = database.Host();

        var message = (await host.MigrateAsync())!.Message;

        Assert.Contains("syntax error at or near", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Zq7xKw9v", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("false", "SELECT 'Zq7xKw9v'::integer;", "invalid input syntax for type integer: \"…\"")]
    [InlineData("true", "SELECT 'Zq7xKw9v'::integer;", "invalid input syntax for type integer: \"Zq7xKw9v\"")]
    [InlineData("false", "CREATE TABLE a (x text UNIQUE); INSERT INTO a VALUES ('Zq7xKw9v'), ('Zq7xKw9v');", "(Key (x)=(…) already exists.)")]
    [InlineData("true", "CREATE TABLE a (x text UNIQUE); INSERT INTO a VALUES ('Zq7xKw9v'), ('Zq7xKw9v');", "(Key (x)=(Zq7xKw9v) already exists.)")]
    public async Task A_value_that_an_error_quotes_is_shown_only_with_the_statements(string show, string script, string message)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_wrong", script);
        await using var host = database.Host(("Databases:app:ShowStatements", show));

        Assert.EndsWith(message, (await host.MigrateAsync())!.Message, StringComparison.Ordinal);
        Assert.Equal(show == "true", host.Log.All.Any(line => line.Contains("Zq7xKw9v", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_the_server_says_of_our_own_rollback_is_not_logged()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_wrong", "-- migrationhost: transaction=none\nVACUUM nowhere;");
        await using var host = database.Host();

        Assert.Equal(2, (await host.MigrateAsync())?.Line);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("there is no transaction", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_isolation_level_is_not_answered_with_advice_that_would_not_help()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_level", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;");
        await using var host = database.Host();

        var hint = (await host.MigrateAsync())?.Hint;

        Assert.Contains("Remove it", hint, StringComparison.Ordinal);
        Assert.DoesNotContain("transaction=none", hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("COPY a FROM STDIN;\n1\t\\N\n\\.", "up to \\.", "\\N there is NULL", "--inserts or --column-inserts")]
    [InlineData("COPY a FROM STDIN;\n1\n", "the data line behind it", "--inserts or --column-inserts", "COPY … FROM '/path'")]
    [InlineData("COPY a FROM STDIN", "Write INSERT statements", "COPY … FROM '/path'", "on the server")]
    public async Task Data_behind_COPY_is_no_SQL_and_the_advice_is_about_what_is_there(string script, params string[] advice)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_copy", script);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((4, 1), (error?.ExitCode, error?.Line));
        Assert.All(advice, words => Assert.Contains(words, error!.Hint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_servers_own_advice_is_shown()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        var role = database.CreateRole("", owner: true);
        await database.QueryAsync($"GRANT ALL ON SCHEMA public TO {role}");
        database.Migration("1_extension", "CREATE EXTENSION adminpack;");
        database.Migration("2_extension", "-- migrationhost: transaction=none\nCREATE EXTENSION adminpack;");
        await using var host = database.HostWith(connection => connection.Username = role);

        Assert.Contains("Must be superuser to create this extension", (await host.MigrateAsync())?.Hint, StringComparison.Ordinal);

        File.Delete(database.Folder["migrations/1_extension.sql"]);
        await using var statementwise = database.HostWith(connection => connection.Username = role);
        var hint = (await statementwise.MigrateAsync())?.Hint;
        Assert.Contains("Must be superuser to create this extension. The failed statement was rolled back", hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_says_reaches_the_log()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_talk", "DROP TABLE IF EXISTS nowhere;\nDO $$ BEGIN RAISE WARNING 'mind the gap'; END $$;");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Contains(host.Log.All, line => line.StartsWith("Information", StringComparison.Ordinal) && line.Contains("\"nowhere\" does not exist, skipping", StringComparison.Ordinal));
        Assert.Contains(host.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("mind the gap", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_script_does_to_its_session_ends_with_it()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        var role = $"role_{database.Name}";
        database.Migration("1_role", $"""
            CREATE ROLE {role};
            CREATE SCHEMA other AUTHORIZATION {role};
            SET search_path = other;
            SET statement_timeout = '200ms';
            CREATE TEMP TABLE scratch (id int);
            SET ROLE {role};
            CREATE TABLE mine (id int);
            """);
        database.Migration("2_next", "CREATE TABLE plain (id int);\nSELECT pg_sleep(0.3);\nCREATE TEMP TABLE scratch (id int);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal($"other|mine|{role}\npublic|plain|postgres", await database.QueryAsync("SELECT schemaname, tablename, tableowner FROM pg_tables WHERE tablename IN ('mine', 'plain') ORDER BY 1"));
        Assert.Equal("1\n2", await database.HistoryAsync());
        await database.QueryAsync($"DROP SCHEMA other CASCADE; DROP ROLE {role}");
    }

    [Fact]
    public async Task What_cannot_run_in_a_transaction_runs_outside_of_one()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TYPE mood AS ENUM ('sad');\nCREATE TABLE t (id int, m mood);\nINSERT INTO t SELECT x, 'sad' FROM generate_series(1, 1000) AS x;");
        database.Migration("2_outside", $"""
            -- migrationhost: transaction=none
            CREATE INDEX CONCURRENTLY t_id ON t (id);
            VACUUM (ANALYZE) t;
            ALTER TYPE mood ADD VALUE 'fine';
            INSERT INTO t VALUES (0, 'fine');
            CREATE DATABASE {database.Name}_x;
            DROP DATABASE {database.Name}_x;
            REINDEX INDEX CONCURRENTLY t_id;
            DO $$ BEGIN FOR i IN 1..3 LOOP INSERT INTO t VALUES (-i, 'fine'); COMMIT; END LOOP; END $$;
            DROP INDEX CONCURRENTLY t_id;
            """);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1004|4", await database.QueryAsync("SELECT count(*), count(*) FILTER (WHERE m = 'fine') FROM t"));
        Assert.Equal("applied|", await database.QueryAsync("SELECT state, statement_begun FROM migrationhost_history WHERE version = '2'"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task An_index_that_a_failed_build_left_invalid_is_dropped_and_built_again()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1), (1);");
        database.Migration("2_index", "-- migrationhost: transaction=none\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_id ON t (id);");
        await using (var host = database.Host())
        {
            var error = await host.MigrateAsync();
            Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
            Assert.Contains("INVALID index", error!.Hint, StringComparison.Ordinal);
            Assert.Contains("resolve 2", error.Hint, StringComparison.Ordinal);
        }
        Assert.Equal("f", await database.QueryAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_id'::regclass"));

        await database.QueryAsync("DELETE FROM t; INSERT INTO t VALUES (1)");
        await using var again = database.Host();
        Assert.Null(await again.MigrateAsync());

        Assert.Equal("t", await database.QueryAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_id'::regclass"));
        Assert.Contains(again.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("t_id was left INVALID", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_invalid_index_of_somebody_else_is_not_taken_for_a_good_one()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1), (1);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => database.QueryAsync("CREATE UNIQUE INDEX CONCURRENTLY t_id ON t (id)"));
        database.Migration("2_index", "-- migrationhost: transaction=none\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_id ON t (id);");
        await using var again = database.Host();

        var error = await again.MigrateAsync();

        Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
        Assert.Contains("t_id exists, but is INVALID", error!.Message, StringComparison.Ordinal);
        Assert.Contains("DROP INDEX CONCURRENTLY", error.Hint, StringComparison.Ordinal);
        await database.QueryAsync("DROP INDEX t_id");
    }

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY t_id ON t (id);")]
    [InlineData("VACUUM FULL t;")]
    [InlineData("CREATE DATABASE {0}_x;")]
    public async Task Killed_in_a_statement_outside_a_transaction_the_next_start_goes_on(string statement)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        statement = statement.Replace("{0}", database.Name, StringComparison.Ordinal);
        database.Migration("1_create", "CREATE TABLE t (id int);\nINSERT INTO t SELECT generate_series(1, 100000);");
        database.Migration("2_outside", $"-- migrationhost: transaction=none\nINSERT INTO t VALUES (0);\n{statement}\nINSERT INTO t VALUES (-1);");
        for (var round = 0; round < 6; round++)
        {
            await using var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
            await Eventually.BecomesTrueAsync(async () => program.HasExited || await database.QueryAsync("SELECT count(*) FROM pg_class WHERE relname = 'migrationhost_history'") == "1" && await database.QueryAsync("SELECT count(*) FROM migrationhost_history WHERE statement_begun = 2") == "1");
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(1 + round * 15));
            await moment.WaitForNextTickAsync();
            program.KillNow();
            await program.ExitAsync();
        }

        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1|1|100002", await database.QueryAsync("SELECT count(*) FILTER (WHERE id = 0), count(*) FILTER (WHERE id = -1), count(*) FROM t"));
        Assert.Equal("2", await database.QueryAsync("SELECT count(*) FROM migrationhost_history WHERE state = 'applied'"));
        await database.AssertReleasedAsync();
        await database.QueryAsync($"DROP DATABASE IF EXISTS {database.Name}_x");
    }

    [Fact]
    public async Task What_cannot_be_seen_after_a_break_is_asked_of_a_human()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_loop", "-- migrationhost: transaction=none timeout=00:00:01\nCREATE TABLE t (id int);\nDO $$ BEGIN FOR i IN 1..1000 LOOP INSERT INTO t VALUES (i); COMMIT; PERFORM pg_sleep(0.1); END LOOP; END $$;");
        await using (var host = database.Host())
            Assert.Equal(MigrationErrorCode.DeadlineExceeded, (await host.MigrateAsync())?.Code);

        await using var again = database.Host();
        var error = await again.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 3), (error?.Code, error?.Line));
        Assert.Contains("how much of it was done is not visible", error!.Message, StringComparison.Ordinal);
        Assert.Contains("resolve 1 --applied", error.Hint, StringComparison.Ordinal);
        await using (var resolving = database.Host())
            Assert.Null(await resolving.Run.ResolveAsync("1", true, default));
        await using var ready = database.Host();
        Assert.Null(await ready.MigrateAsync());
    }
}
