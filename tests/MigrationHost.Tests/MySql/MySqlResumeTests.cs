using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>What a script has said to its session, once another session continues it: the same value, or an error, never another value.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlResumeTests(MariaDbServer server)
{
    private const string Before =
        """
        CREATE TABLE customer (id INTEGER AUTO_INCREMENT PRIMARY KEY, name TEXT);
        CREATE PROCEDURE counted() SELECT 5 INTO @n;
        CREATE FUNCTION add_customer(called TEXT) RETURNS INTEGER BEGIN INSERT INTO customer (name) VALUES (called); RETURN LAST_INSERT_ID(); END;
        CREATE TRIGGER marked BEFORE INSERT ON customer FOR EACH ROW SET NEW.name = CONCAT(NEW.name, IFNULL(@mark, ''));
        CREATE SEQUENCE numbers;
        """;

    private const string Tables =
        "CREATE TABLE parent (id INTEGER AUTO_INCREMENT PRIMARY KEY, n INTEGER) AUTO_INCREMENT = 42; CREATE TABLE child (id INTEGER AUTO_INCREMENT PRIMARY KEY, v TEXT);";

    [Theory]
    [InlineData("INSERT INTO parent (n) VALUES (1);", "INSERT INTO child (v) VALUES (LAST_INSERT_ID())", "reads LAST_INSERT_ID()")]
    [InlineData("INSERT INTO parent (n) VALUES (1);", "INSERT INTO child (v) VALUES (@@identity)", "reads LAST_INSERT_ID()")]
    [InlineData("SELECT NEXTVAL(numbers);", "INSERT INTO child (v) VALUES (LASTVAL(numbers))", "reads the last value of numbers")]
    [InlineData("SELECT NEXTVAL(numbers);", "INSERT INTO child (v) VALUES (PREVIOUS VALUE FOR numbers)", "reads the last value of numbers")]
    [InlineData("SET sql_mode = ORACLE; SELECT numbers.nextval;", "INSERT INTO child (v) VALUES (numbers.currval)", "reads the last value of numbers")]
    [InlineData("SELECT 5 INTO @n; SET @m = @n + 100;", "INSERT INTO child (v) VALUES (@m)", "reads @m, which statement 4 had set")]
    [InlineData("SELECT 5 INTO @n;", "SET @n = @n + 1; INSERT INTO child (v) VALUES (@n)", "reads @n, which statement 3 had set")]
    [InlineData("SELECT 1, 5 INTO @a /* c */, @n;", "INSERT INTO child (v) VALUES (@n)", "reads @n, which statement 3 had set")]
    [InlineData("SELECT 5 INTO @`my n`;", "INSERT INTO child (v) VALUES (@`my n`)", "reads @my n, which statement 3 had set")]
    [InlineData("CALL counted();", "INSERT INTO child (v) VALUES (@n)", "reads @n, which statement 3 may have set")]
    [InlineData("SET @now = NOW(6);", "INSERT INTO child (v) VALUES (@now)", "reads @now, which statement 3 had set")]
    [InlineData("SET @id = add_customer('anna');", "INSERT INTO child (v) VALUES (@id)", "reads @id, which statement 3 had set")]
    [InlineData("SET sql_mode = (SELECT IFNULL(MAX(name), '') FROM customer);", "INSERT INTO child (v) VALUES (1)", "runs under @@sql_mode, which statement 3 had set")]
    [InlineData("SELECT 'DO 1' INTO @s; PREPARE p FROM @s;", "EXECUTE p", "runs the prepared statement p, which statement 4 had set")]
    [InlineData("SELECT 5 INTO @n; PREPARE p FROM 'INSERT INTO child (v) VALUES (@n)';", "EXECUTE p", "may read @n in what it runs, which statement 3 had set")]
    [InlineData("SELECT 5 INTO @mark; INSERT INTO parent (n) VALUES (1);", "INSERT INTO customer (name) VALUES ('x')", "may read @mark in what it runs, which statement 3 had set")]
    public async Task What_only_the_session_that_has_ended_knew_is_an_error_and_is_not_made_up(string done, string left, string problem)
    {
        await using var database = await BrokenAsync(done, left);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
        Assert.Contains(problem, error!.Message, StringComparison.Ordinal);
        Assert.Contains("a session that has ended", error.Message, StringComparison.Ordinal);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM child"));
        Assert.Equal(done.Contains("add_customer", StringComparison.Ordinal) ? "1" : "0", await database.QueryAsync("SELECT count(*) FROM customer"));
        Assert.Equal((error.Message, error.Line), (await host.MigrateAsync() is { } again ? (again.Message, again.Line) : default));
    }

    [Theory]
    [InlineData("SET @n = 7; SET @m = CONCAT(@n, /* c */ '0');", "INSERT INTO child (v) VALUES (@m)", "70")]
    [InlineData("SET @old = @@sql_mode, sql_mode = 'ANSI_QUOTES'; CREATE TABLE \"c\" (i INTEGER);", "INSERT INTO \"child\" (v) VALUES (1); SET sql_mode = @old; INSERT INTO child (v) VALUES (\"2\")", "1\n2")]
    [InlineData("INSERT INTO parent (n) VALUES (1);", "INSERT INTO parent (n) VALUES (2); INSERT INTO child (v) VALUES (LAST_INSERT_ID())", "43")]
    [InlineData("SELECT 5 INTO @n;", "SELECT 6 INTO @n; INSERT INTO child (v) VALUES (@n)", "6")]
    [InlineData("SELECT 5 INTO @n;", "INSERT INTO child (v) VALUES ('1')", "1")]
    [InlineData("SET @max = (SELECT MAX(id) FROM parent); DROP TABLE parent;", "INSERT INTO child (v) VALUES ('1')", "1")]
    [InlineData("PREPARE p FROM 'UPDATE parent SET n = 1'; EXECUTE p; DEALLOCATE PREPARE p; DROP TABLE parent;", "INSERT INTO child (v) VALUES ('1')", "1")]
    [InlineData("PREPARE p FROM 'INSERT INTO child (v) VALUES (?)';", "SET @n = 3; EXECUTE p USING @n; DEALLOCATE PREPARE p", "3")]
    [InlineData("SELECT 'UPDATE parent SET n = 1' INTO @s; PREPARE p FROM @s; EXECUTE p; DROP TABLE parent;", "DEALLOCATE PREPARE p; INSERT INTO child (v) VALUES ('1')", "1")]
    [InlineData("SET insert_id = 42; INSERT INTO parent (n) VALUES (1);", "INSERT INTO child (v) VALUES ('1'); INSERT INTO child (v) SELECT id FROM child", "1\n1")]
    [InlineData("PREPARE p FROM 'INSERT INTO child (v) VALUES (DATABASE() = ''mysql'')'; USE mysql;", "EXECUTE p", "0")]
    [InlineData("USE information_schema; PREPARE p FROM 'SELECT count(*) INTO @c FROM tables'; USE mysql;", "EXECUTE p", "")]
    [InlineData("SET @schema = DATABASE();", "INSERT INTO child (v) VALUES (@schema = DATABASE())", "1")]
    public async Task What_the_script_alone_says_is_said_again_if_it_is_needed(string done, string left, string values)
    {
        await using var database = await BrokenAsync(done, left);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(values, await database.QueryAsync("SELECT v FROM child ORDER BY id"));
    }

    [Fact]
    public async Task What_cannot_be_said_again_is_named_with_its_own_line()
    {
        await using var database = await BrokenAsync("PREPARE p FROM 'UPDATE parent SET n = 1';\nDROP TABLE parent;", "EXECUTE p");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains("It is said again for what is left of the script", error!.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_a_killed_connection_was_given_is_not_taken_for_none()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_gate", "CREATE TABLE gate (x INTEGER);\nINSERT INTO gate VALUES (1);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        database.Migration("2_break", $"{Tables}\nINSERT INTO parent (n) VALUES (1);\nUPDATE gate SET x = 2;\nINSERT INTO child (v) VALUES (LAST_INSERT_ID());");
        await using var holder = await database.HoldFromOutsideAsync("BEGIN; SELECT * FROM gate FOR UPDATE");
        await using var host = database.Host();
        var run = host.MigrateAsync();
        var id = "";
        await Eventually.BecomesTrueAsync(
            async () => (id = await server.QueryAsync($"SELECT id FROM information_schema.processlist WHERE db = '{database.Name}' AND info LIKE '%UPDATE gate SET x = 2'")).Length > 0,
            () => host.Log.All.LastOrDefault() ?? "");

        await server.QueryAsync($"KILL {id}");
        await holder.ReleaseAsync();

        var error = await run;
        Assert.Equal((MigrationErrorCode.MigrationFailed, 4), (error?.Code, error?.Line));
        Assert.Contains("reads LAST_INSERT_ID()", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_knows_nothing_of_the_one_before_it_also_within_one_start()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", $"{Tables} CREATE SEQUENCE s;");
        database.Migration("2_set", "SELECT 5 INTO @x;");
        database.Migration("3_read", "INSERT INTO child (v) VALUES (IFNULL(@x, 'nothing'));");
        database.Migration("4_next", "INSERT INTO parent (n) VALUES (NEXTVAL(s));");
        database.Migration("5_read", "INSERT INTO child (v) VALUES (IFNULL(LASTVAL(s), 'none'));");
        database.Migration("6_insert", "INSERT INTO parent (n) VALUES (1);");
        database.Migration("7_read", "INSERT INTO child (v) VALUES (LAST_INSERT_ID());");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("nothing\nnone\n0", await database.QueryAsync("SELECT v FROM child ORDER BY id"));
    }

    /// <summary>A script that has failed behind what is done, and whose failing statement is corrected.</summary>
    private async Task<MySqlTestDatabase> BrokenAsync(string done, string left)
    {
        var database = new MySqlTestDatabase(server);
        database.Migration("1_before", Before);
        var script = database.Migration("2_break", $"{Tables}\n{done}\nINSERT INTO nowhere VALUES (1);\n{left};");
        await using var host = database.Host();
        Assert.Contains("nowhere", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
        File.WriteAllText(script, File.ReadAllText(script).Replace("INSERT INTO nowhere VALUES (1)", "DO 0", StringComparison.Ordinal));
        return database;
    }
}
