using System.Globalization;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>What is so of a tool's folder and history on MariaDB alone: DDL commits by itself, and locks have names.</summary>
[Collection(MariaDbForRuns.Collection)]
public sealed class ToolsOnMariaDbTests(MariaDbForRuns server)
{
    private const string Routine = "CREATE PROCEDURE p()\nBEGIN\n  INSERT INTO one VALUES (1);\n  INSERT INTO one VALUES (2);\nEND;\n";

    [Theory]
    [InlineData(MigrationLayout.GolangMigrate, "1_five.up.sql", "{0}", "SELECT version, dirty FROM schema_migrations", "1|1", "1|0")]
    [InlineData(MigrationLayout.Dbmate, "1_five.sql", "-- migrate:up\n{0}-- migrate:down\n", "SELECT version FROM schema_migrations", "", "1")]
    public async Task Killed_in_the_middle_of_a_script_the_next_start_goes_on_with_the_statement_that_was_under_way(
        MigrationLayout layout, string file, string form, string query, string meanwhile, string afterwards)
    {
        await using var database = new MySqlTestDatabase(server) { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE guarded (x integer)");
        var five = "CREATE TABLE a (x integer);\nCREATE TABLE b (x integer);\nALTER TABLE guarded ADD y integer;\n"
            + "CREATE TABLE c (x integer);\nCREATE TABLE d (x integer);\n";
        database.Folder.Write($"migrations/{file}", string.Format(CultureInfo.InvariantCulture, form, five));
        var setting = ("Databases:app:Layout", layout.ToString());
        await using (var holder = await database.HoldFromOutsideAsync("LOCK TABLES guarded READ"))
        {
            await using var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments(setting)]);
            await Eventually.BecomesTrueAsync(
                async () => await database.CountAsync("information_schema.processlist WHERE db = DATABASE() AND state LIKE 'Waiting for table%'") > 0,
                () => program.All);
            program.KillNow();
            await program.ExitAsync();
            Assert.Equal(meanwhile, await database.QueryAsync(query));
        }
        await using var host = database.Host(setting);

        Assert.Null(await host.MigrateAsync());

        Assert.Contains(host.Log.All, line => line.Contains("1 was interrupted after 2 statements", StringComparison.Ordinal));
        Assert.Equal(afterwards, await database.QueryAsync(query));
        Assert.Equal(0, await database.CountAsync("guarded WHERE y > 0"));
        Assert.Equal(0, await database.CountAsync("c, d"));
        Assert.Equal(0, await database.CountAsync("migrationhost_history"));
        Assert.Equal(0, await database.CountAsync("migrationhost_statement"));
        await database.AssertReleasedAsync();
    }

    // The server computes the names as the tools do.
    public static TheoryData<MigrationLayout, string, string> Locks => new()
    {
        { MigrationLayout.GolangMigrate, "1_one.up.sql", "(CRC32(CONCAT(DATABASE(), ':schema_migrations')) * 1486364155) & 0xFFFFFFFF" },
        { MigrationLayout.Sqlx, "1_one.up.sql", "LOWER(HEX(CRC32(DATABASE()) * 0x3d32ad9e))" },
        { MigrationLayout.Prisma, "1_one/migration.sql", "'prisma_migrate'" },
        { MigrationLayout.Flyway, "V1__one.sql", "'Flyway-{0}'" },
    };

    [Theory]
    [MemberData(nameof(Locks))]
    public async Task A_tool_that_is_at_work_is_waited_for_by_name_and_has_to_wait_for_us(MigrationLayout layout, string file, string name)
    {
        await using var database = new MySqlTestDatabase(server);
        var ofTable = $"`{database.Name}`.`flyway_schema_history`".Aggregate(0, (hash, letter) => unchecked(31 * hash + letter));
        name = $"CONCAT({string.Format(CultureInfo.InvariantCulture, name, ofTable)}, '')";
        database.Folder.Write($"migrations/{file}", $"CREATE TABLE one (x bigint NOT NULL);\nINSERT INTO one SELECT IS_USED_LOCK({name});\n");
        await using var host = database.Host(("Databases:app:Layout", layout.ToString()), ("Databases:app:Timeouts:StallAfter", "00:00:00.2"));
        await using var tool = await database.HoldFromOutsideAsync($"SELECT GET_LOCK({name}, 0)");

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Blockers.Any(blocker => blocker.Pid == tool.Pid), () => string.Join('\n', host.Log.All));
        var blocker = host.Status.Blockers.Single();
        Assert.StartsWith("the lock of ", blocker.Holds, StringComparison.Ordinal);
        Assert.Contains($"KILL {tool.Pid}", blocker.Hint, StringComparison.Ordinal);
        Assert.Contains("it has its own lock", host.Status.WaitingFor?.What, StringComparison.Ordinal);
        Assert.False(run.IsCompleted);

        await tool.DisposeAsync();
        Assert.Null(await run);
        Assert.Equal(1, await database.CountAsync("one"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Several_instances_that_hold_the_tools_lock_in_turn_apply_everything_once()
    {
        await using var database = new MySqlTestDatabase(server);
        for (var i = 1; i <= 3; i++)
            database.Folder.Write($"migrations/{i}_t.up.sql", $"CREATE TABLE t{i} (x integer);\nINSERT INTO t{i} VALUES (1);\n");
        var hosts = Enumerable.Range(0, 3).Select(_ => database.Host(("Databases:app:Layout", "GolangMigrate"))).ToList();

        var errors = await Task.WhenAll(hosts.Select(host => host.MigrateAsync()));

        Assert.All(errors, Assert.Null);
        Assert.Equal(1, await database.CountAsync("t1, t2, t3"));
        Assert.Equal("3|0", await database.QueryAsync("SELECT version, dirty FROM schema_migrations"));
        foreach (var host in hosts)
            await host.DisposeAsync();
        await database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData("CREATE TABLE slow AS SELECT GET_LOCK('{0}', 1000);")]
    [InlineData("INSERT INTO one SELECT GET_LOCK('{0}', 1000);")]
    public async Task A_tool_without_a_lock_that_makes_the_same_table_at_the_same_moment_is_waited_for(string work)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Folder.Write("migrations/1_one.sql", "-- migrate:up\nCREATE TABLE one (x integer);\n-- migrate:down\n");
        await database.QueryAsync("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)");
        var slow = await database.HoldFromOutsideAsync($"DO GET_LOCK('{database.Name}', 0)");
        await using var tool = await database.HoldFromOutsideAsync(
            "CREATE TABLE one (x integer)",
            $"{string.Format(CultureInfo.InvariantCulture, work, database.Name)} INSERT INTO schema_migrations VALUES ('1');");
        await server.WaitForStateAsync(tool.Pid, "User lock");
        await using var host = database.Host(("Databases:app:Layout", "Dbmate"), ("Databases:app:AllowExistingTables", "true"));

        var run = host.MigrateAsync();
        await host.StatusAsync(status => status.WaitingFor?.What == "another process that works on the same migration");
        await slow.DisposeAsync();

        Assert.Null(await run);
        Assert.Contains(host.Log.All, line => line.Contains("1 was applied by another process", StringComparison.Ordinal));
        await database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData("SET SESSION TRANSACTION READ ONLY")]
    [InlineData("SET sql_safe_updates = 1")]
    public async Task What_a_script_forbids_itself_does_not_keep_its_record_from_being_written(string setting)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Folder.Write("migrations/1_one.up.sql", $"CREATE TABLE one (x integer);\n{setting};\nSELECT * FROM one;\n");
        database.Folder.Write("migrations/2_two.up.sql", $"{setting};\nSELECT * FROM one;\n");
        await using var host = database.Host(("Databases:app:Layout", "GolangMigrate"));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("2|0", await database.QueryAsync("SELECT version, dirty FROM schema_migrations"));
    }

    [Fact]
    public async Task A_row_that_morph_keeps_while_it_works_is_waited_for()
    {
        await using var database = new MySqlTestDatabase(server);
        await database.QueryAsync("CREATE TABLE db_lock (Id varchar(64) PRIMARY KEY, ExpireAt bigint); INSERT INTO db_lock VALUES ('mm-lock-key', UNIX_TIMESTAMP() + 600)");
        database.Folder.Write("migrations/1_one.up.sql", "CREATE TABLE one (x integer);\n");
        await using var host = database.Host(("Databases:app:Layout", "Morph"));

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => host.Status.WaitingFor?.What.Contains("it has its own lock", StringComparison.Ordinal) is true, () => string.Join('\n', host.Log.All));
        Assert.False(run.IsCompleted);

        await database.QueryAsync("UPDATE db_lock SET ExpireAt = UNIX_TIMESTAMP() - 1");
        Assert.Null(await run);
    }

    [Theory]
    [InlineData(MigrationLayout.GolangMigrate, "1_one.up.sql", Routine + "CALL p();\n")]
    [InlineData(MigrationLayout.Goose, "1_one.sql", "-- +goose Up\n-- +goose StatementBegin\n" + Routine + "-- +goose StatementEnd\nCALL p();\n-- +goose Down\n")]
    [InlineData(MigrationLayout.Dbmate, "1_one.sql", "-- migrate:up transaction:false\n" + Routine + "CALL p();\n-- migrate:down\n")]
    [InlineData(MigrationLayout.Flyway, "V1__one.sql", "DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n  INSERT INTO one VALUES (1); INSERT INTO one VALUES (2);\nEND$$\nDELIMITER ;\nCALL p();\n")]
    public async Task A_routine_is_one_statement_as_its_tool_has_it(MigrationLayout layout, string file, string text)
    {
        await using var database = new MySqlTestDatabase(server) { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE one (x integer)");
        database.Folder.Write($"migrations/{file}", text);
        await using var host = database.Host(("Databases:app:Layout", layout.ToString()));
        var script = await host.Run.ScriptAsync();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(2, await database.CountAsync("one"));

        // And its client takes it as it is written for it.
        await database.QueryAsync($"DROP PROCEDURE p; DROP TABLE {host.Run.Database.Form.Table}");
        await database.RunFileAsync(database.Folder.Write("all.sql", script.Text));
        Assert.Equal(4, await database.CountAsync("one"));
        Assert.Null(await host.MigrateAsync());
    }

    [Theory]
    [InlineData(MigrationLayout.GolangMigrate, "1_one.up.sql", "")]
    [InlineData(MigrationLayout.Goose, "1_one.sql", "-- +goose Up\n")]
    [InlineData(MigrationLayout.Dbmate, "1_one.sql", "-- migrate:up\n")]
    public async Task DELIMITER_is_refused_before_anything_runs_if_its_tool_would_send_it_to_the_server(MigrationLayout layout, string file, string mark)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Folder.Write($"migrations/{file}", $"{mark}CREATE TABLE one (x integer);\nDELIMITER //\nCREATE TABLE two (x integer)//\n");
        await using var host = database.Host(("Databases:app:Layout", layout.ToString()));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, mark.Length == 0 ? 2 : 3), (error?.Code, error?.Line));
        Assert.Contains("DELIMITER is a command of the mysql client", error!.Message, StringComparison.Ordinal);
        Assert.Equal("", await database.SchemaAsync());
    }

    [Theory]
    [InlineData(MigrationLayout.Goose, "{0}_k.sql", "-- +goose Up\n")]
    [InlineData(MigrationLayout.Diesel, "{0}_k/up.sql", "")]
    [InlineData(MigrationLayout.Sqlx, "{0}_k.sql", "")]
    public async Task A_script_may_set_the_time_zone_of_its_session(MigrationLayout layout, string file, string mark)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Folder.Write($"migrations/{string.Format(CultureInfo.InvariantCulture, file, 1)}", $"{mark}CREATE TABLE k (x integer);\n");
        database.Folder.Write($"migrations/{string.Format(CultureInfo.InvariantCulture, file, 2)}", $"{mark}SET time_zone = '+05:00';\nINSERT INTO k VALUES (1);\n");
        database.Folder.Write($"migrations/{string.Format(CultureInfo.InvariantCulture, file, 3)}", $"{mark}SET time_zone = '+06:00';\nCREATE TABLE l (x integer);\nINSERT INTO k VALUES (2);\n");
        await using var host = database.Host(("Databases:app:Layout", layout.ToString()), ("Timeouts:Lock", "00:00:05"));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1\n2", await database.QueryAsync("SELECT x FROM k ORDER BY x"));
    }

    [Fact]
    public async Task Flyway_may_make_a_database_beside_a_table()
    {
        await using var database = new MySqlTestDatabase(server);
        var other = $"{database.Name}_2";
        database.Folder.Write("migrations/V1__one.sql", $"CREATE DATABASE {other};\nCREATE TABLE one (x integer);\nDROP DATABASE {other};\n");
        await using var host = database.Host(("Databases:app:Layout", "Flyway"));

        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_time_that_the_server_wrote_is_read_in_the_time_zone_it_wrote_it_in()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Folder.Write("migrations/1_one.sql", "-- +goose Up\nCREATE TABLE one (x integer);\n");
        await database.QueryAsync("SET GLOBAL time_zone = '+05:00'");
        try
        {
            await using var host = database.Host();
            Assert.Null(await host.MigrateAsync());
            Assert.InRange(host.Status.Applied.Single().AppliedAt!.Value, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        }
        finally
        {
            await database.QueryAsync("SET GLOBAL time_zone = 'SYSTEM'");
        }
    }

    [Theory]
    [InlineData(MigrationLayout.Dbmate, "schema_migrations", "1_one.sql", "-- migrate:up\nCREATE TABLE one (x integer);\n-- migrate:down\n")]
    [InlineData(MigrationLayout.Drizzle, "__drizzle_migrations", "0000_one.sql", "CREATE TABLE one (x integer);")]
    public async Task Its_table_is_the_one_that_the_tool_itself_makes(MigrationLayout layout, string table, string file, string text)
    {
        var made = new List<string>();
        foreach (var isOurs in new[] { true, false })
        {
            await using var database = new MySqlTestDatabase(server);
            database.Folder.Write($"migrations/{file}", text);
            database.Folder.Write("migrations/meta/_journal.json", """{ "version": "7", "entries": [{ "idx": 0, "when": 1700000000000, "tag": "0000_one" }] }""");
            await using var host = database.Host(("Databases:app:Layout", layout.ToString()));
            if (isOurs)
                Assert.Null(await host.MigrateAsync());
            else if (layout == MigrationLayout.Dbmate)
                await MigrationTools.DbmateAsync(database, "up");
            else
                await MigrationTools.DrizzleAsync(database);
            made.Add(await database.QueryAsync($"SHOW CREATE TABLE {table}"));
        }

        Assert.Equal(made[1], made[0]);
    }

    [Fact]
    public async Task Our_table_beside_the_tools_is_not_taken_for_a_history_before_it_says_that_something_is_applied()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Folder.Write("migrations/1_one.up.sql", "CREATE TABLE one (x integer);\n");
        await using var host = database.Host(("Databases:app:Layout", "GolangMigrate"));
        Assert.Null(await host.MigrateAsync());

        // As a kill leaves it that comes before the first row.
        await database.QueryAsync("DELETE FROM schema_migrations; DROP TABLE one");
        Assert.Null(await host.MigrateAsync());

        await database.QueryAsync("DELETE FROM schema_migrations; DROP TABLE one; INSERT INTO migrationhost_history VALUES ('1', '', '', NOW(), 0, 'me', 'applied', NULL, NULL, NULL, NULL)");
        Assert.Contains("the history of MigrationHost (migrationhost_history)", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
    }
}
