using System.Text;
using MigrationHost.Tests.Support;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Tests.Sqlite;

public sealed class SqliteScriptTests
{
    [Fact]
    public async Task The_sample_runs_and_the_second_start_finds_nothing_to_do()
    {
        await using var database = new SqliteTestDatabase();
        foreach (var file in Directory.GetFiles(Path.Combine(MigrationHostProgram.Repository, "samples", "shop")))
            File.Copy(file, database.Folder[$"migrations/{Path.GetFileName(file)}"]);
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());

        Assert.Equal("5280|2\n1250|1", await database.QueryAsync("SELECT o.total_cents, count(*) FROM orders o JOIN order_items i ON i.order_id = o.id GROUP BY o.id"));
        await using var second = database.Host();
        Assert.Null(await second.MigrateAsync());
        Assert.Equal(10, second.Status.AppliedCount);
    }

    [Fact]
    public async Task A_script_of_ten_megabytes_and_one_of_five_thousand_statements_work()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT);");
        database.Migration("2_large", $"INSERT INTO a (text) VALUES ('{new string('x', 10 << 20)}');");
        var many = new StringBuilder();
        for (var i = 0; i < 5000; i++)
            many.Append("INSERT INTO a (text) VALUES ('").Append(i).Append("; -- no comment');\n");
        database.Migration("3_many", many.ToString());
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("5001", await database.QueryAsync("SELECT count(*) FROM a"));
        Assert.Contains(host.Log.All, line => line.Contains("3 many (5000 statements,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_error_inside_a_long_statement_names_its_own_line()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\n\n/* a comment\n   of two lines */\nSELECT\n    id,\n    nocolumn\nFROM a;\n");
        await using var host = database.Host(("Databases:app:ShowStatements", "true"));

        var error = await host.MigrateAsync();
        Assert.Equal(7, error?.Line);
        Assert.Contains("no such column: nocolumn", error!.Message, StringComparison.Ordinal);
        Assert.Equal("SELECT id, nocolumn FROM a;", error.Statement);
    }

    [Theory]
    [InlineData("VACUUM;")]
    [InlineData("PRAGMA journal_mode = wal;")]
    public async Task What_cannot_run_in_a_transaction_fails_with_the_header_to_use(string statement)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", $"CREATE TABLE a (id INTEGER);\n{statement}");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains("transaction=none", error!.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- migrationhost: transaction=none")]
    public async Task A_script_that_forbids_its_session_to_write_is_refused_where_it_says_so(string header)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", $"{header}\nCREATE TABLE a (id INTEGER);\nPRAGMA query_only = on;");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.MigrationFailed, 3), (error?.Code, error?.Line));
        Assert.Contains("query_only", error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".mode csv\nSELECT 1;", "commands of the sqlite3 shell")]
    [InlineData("ATTACH ':memory:' AS other; CREATE TABLE other.a (id INTEGER); DETACH other;", "transaction=none")]
    [InlineData("VACUUM;", "transaction=none")]
    public async Task What_cannot_run_comes_with_what_to_do_instead(string script, string remedy)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_wrong", script);
        await using var host = database.Host();

        Assert.Contains(remedy, (await host.MigrateAsync())?.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_that_quotes_a_megabyte_is_shortened()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_long", $"CREATE TABLE a (id INTEGER);\nSELECT \"{new string('x', 1 << 20)}\" FROM a;");
        await using var host = database.Host();

        var message = (await host.MigrateAsync())!.Message;

        Assert.StartsWith("migrations/1_long.sql:2: no such column: ", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 50, 2500);
    }

    [Theory]
    [InlineData("PRAGMA auto_vacuum = INCREMENTAL", 1)]
    [InlineData("PRAGMA page_size(8192)", 1)]
    [InlineData("PRAGMA main.auto_vacuum = none", 0)]
    [InlineData("PRAGMA page_size", 0)]
    public async Task A_pragma_that_changes_nothing_inside_a_transaction_is_told_with_what_to_do(string pragma, int notes)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_form", $"\n{pragma};\nCREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(notes, host.Log.All.Count(line => line.Contains("1_form.sql:2: PRAGMA", StringComparison.Ordinal)
            && line.Contains("transaction=none", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_one_script_does_to_its_session_does_not_reach_the_next()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_session", "CREATE TEMP TABLE t (id INTEGER); PRAGMA case_sensitive_like = on; CREATE TABLE a (text TEXT); INSERT INTO a VALUES ('X');");
        database.Migration("2_next", "CREATE TABLE t (id INTEGER); INSERT INTO t SELECT count(*) FROM a WHERE text LIKE 'x';");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM t"));
    }

    [Fact]
    public async Task Without_a_transaction_nothing_runs_twice_even_where_somebody_has_removed_the_file_of_the_turn()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", $"-- migrationhost: transaction=none\nCREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\n{database.Slow}\nINSERT INTO a VALUES (2);");
        await using var first = database.Host();
        await using var second = database.Host();
        var running = first.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => first.Status.Running is { Statement: 3 } || running.IsCompleted, () => first.Status.ToString());
        File.Delete(database.Path + "-migrationhost");

        var errors = (await second.MigrateAsync(), await running);

        Assert.Equal((null, null), errors);
        Assert.Equal("1\n2", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
        Assert.Equal("applied", await database.QueryAsync("SELECT state FROM migrationhost_history"));
    }

    [Theory]
    [InlineData("data/app.db")]
    [InlineData("link.db")]
    public async Task A_script_that_attaches_its_own_file_is_refused_and_blames_nobody(string name)
    {
        await using var database = new SqliteTestDatabase();
        File.CreateSymbolicLink(database.Folder["link.db"], database.Path);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_attach", $"-- migrationhost: transaction=none\nATTACH '{database.Folder[name]}' AS o;\nINSERT INTO o.a VALUES (1);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains("attaches the database's own file", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_transaction_a_resumed_script_gets_its_attached_database_back()
    {
        await using var database = new SqliteTestDatabase();
        await Sqlite3.QueryAsync(database.Folder["data/other.db"], "CREATE TABLE source (id INTEGER); INSERT INTO source VALUES (7)");
        var script = database.Migration("1_copy", $"-- migrationhost: transaction=none\nATTACH '{database.Folder["data/other.db"]}' AS other;\nCREATE TABLE a (id INTEGER);\nINSERT INTO nowhere SELECT id FROM other.source;\nDETACH other;");
        await using (var host = database.Host())
            Assert.NotNull(await host.MigrateAsync());

        File.WriteAllText(script, File.ReadAllText(script).Replace("nowhere", "a", StringComparison.Ordinal));
        await using var repaired = database.Host();
        Assert.Null(await repaired.MigrateAsync());
        Assert.Equal("7", await database.QueryAsync("SELECT id FROM a"));
    }

    [Fact]
    public async Task Journal_mode_can_be_changed_without_a_transaction()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_wal", "-- migrationhost: transaction=none\nPRAGMA journal_mode = wal;\nCREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("wal", await database.QueryAsync("PRAGMA journal_mode"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_statement_that_cannot_be_interrupted_is_abandoned_and_told()
    {
        await using var database = new SqliteTestDatabase();

        // One call of one function: SQLite looks at interrupts only between the steps of its machine.
        database.Migration("1_hang", "SELECT instr(zeroblob(3000000), zeroblob(1500000) || x'01');");
        await using var host = database.Host(("Timeouts:Migration", "00:00:00.300"), ("Timeouts:Grace", "00:00:00.300"), ("Timeouts:StallAfter", "00:00:00.100"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DeadlineExceeded, MigrationPhase.Abandoned), (error?.Code, host.Status.Phase));
        Assert.Contains("did not let go", error!.Message, StringComparison.Ordinal);
        Assert.Contains(host.Log.All, line => line.StartsWith("Critical", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_applications_own_connections_are_left_alone()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var pooled = new SqliteConnection($"Data Source={database.Path}");
        await pooled.OpenAsync();
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(0L, SqliteTestDatabase.Run(pooled, "SELECT count(*) FROM a"));
        SqliteConnection.ClearPool(pooled);
    }
}
