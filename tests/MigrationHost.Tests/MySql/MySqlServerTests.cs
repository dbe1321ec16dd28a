using System.Globalization;
using MigrationHost.Databases;
using MigrationHost.Databases.MySql;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>Connecting, what a script may not do, and what doctor says.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlServerTests(MariaDbServer server)
{
    [Theory]
    [InlineData("mysql://{0}/{1}?sslmode=disable&connection_limit=5", "connection_limit in the connection string is not used")]
    [InlineData("mariadb+pymysql://{0}/{1}?ssl-mode=DISABLED&charset=utf8mb4", "charset in the connection string is not used")]
    [InlineData("jdbc:mysql://{0}/{1}?useSSL=false&serverTimezone=UTC", "serverTimezone in the connection string is not used")]
    public async Task An_address_of_another_client_says_the_provider_and_where(string address, string note)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var text = string.Format(CultureInfo.InvariantCulture, address, $"root@127.0.0.1:{server.Port}", database.Name);
        await using var host = new TestHost(
            database.Folder.Path, [KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)text)]);

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(DatabaseProvider.MySql, host.Status.Provider);
        Assert.Contains(host.Log.All, line => line.Contains(note, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SSL Mode=Required;TLS Cipher Suites=Zq7xWvTr9KpLmTyU", 3)]
    [InlineData("SSL Mode=Required;SSL Cert=/etc/passwd;SSL Key=/etc/group", 2)]
    public async Task What_the_driver_does_not_take_of_a_connection_string_is_told_without_its_values(string change, int expected)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var connection = $"--MigrationHost:Databases:app:ConnectionString={database.ConnectionString};{change}";
        foreach (var command in new[] { "migrate", "doctor", "locks" })
        {
            var (code, output, errors) = await MigrationHostProgram.RunAsync(
                database.Folder.Path, command, "--MigrationHost:Databases:app:Provider=MySql", connection);

            Assert.True(code == (command == "doctor" ? 12 : expected), output + errors);
            Assert.DoesNotContain("Zq7xWvTr9KpLmTyU", output + errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("DELIMITER //\nINSERT INTO a VALUES (1)//\nINSERT INTO a VALUES (2)//\n")]
    [InlineData("DELIMITER //\nINSERT INTO a VALUES (1)//\nINSERT INTO a VALUES (2)")]
    [InlineData("CREATE TABLE csv (delimiter CHAR(1)); CREATE PROCEDURE p() BEGIN INSERT INTO a VALUES (1); INSERT INTO a VALUES (2); END; CALL p();")]
    public async Task A_script_for_people_puts_back_the_delimiter_that_a_migration_leaves(string left)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_left", left);
        await using var host = database.Host();

        await database.RunFileAsync(database.Folder.Write("all.sql", (await host.Run.ScriptAsync()).Text));

        Assert.Equal("1\n2", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
        Assert.Equal("1\n2", await database.QueryAsync("SELECT version FROM migrationhost_history ORDER BY version"));
    }

    [Fact]
    public async Task What_the_server_says_of_a_script_is_logged_and_what_it_says_of_our_own_tables_is_not()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_again", "CREATE TABLE IF NOT EXISTS a (id INTEGER);");
        database.Migration("3_more", "CREATE TABLE b (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        var said = Assert.Single(host.Log.All, line => line.Contains("the server says", StringComparison.Ordinal));
        Assert.Contains("Table 'a' already exists", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server=db", "names no database")]
    [InlineData("Database=app", "names no host")]
    [InlineData("Server=a,b;Database=app", "names several hosts")]
    [InlineData("Server=db;Database=app;Sever=x", "its third key is not a connection-string key")]
    [InlineData("Server=db;Port=x;Database=app", "the value of Port has the wrong form")]
    [InlineData("mysql://db/app?sslmod=x", "its first parameter is not known; did you mean")]
    [InlineData("mysql://db/app?sslmode=perhaps", "the value of its parameter sslmode has the wrong form")]
    [InlineData("mysql://db", "names no database")]
    [InlineData("Server=db;Database=app;ConnectionProtocol=Pipe", "asks for a ConnectionProtocol other than Socket and Unix")]
    public void A_wrong_connection_string_is_told_without_its_values(string text, string problem)
    {
        var problems = new List<string>();
        Assert.Null(MySqlSettings.Read(text, problems));
        Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_an_error_at_once_and_a_missing_database_is_waited_for()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var account = database.CreateAccount("ALL");
        await using (var host = database.HostWith(account.Replace("secret", "hidden", StringComparison.Ordinal)))
        {
            var error = await host.MigrateAsync();
            Assert.Equal(MigrationErrorCode.DatabaseUnreachable, error?.Code);
            Assert.DoesNotContain("hidden", error!.ToString(), StringComparison.Ordinal);
            Assert.Contains("Check User ID and Password", error.Hint, StringComparison.Ordinal);
        }
        var missing = database.ConnectionString.Replace(database.Name, $"{database.Name}_late", StringComparison.Ordinal);
        await using var late = database.HostWith(missing);
        var run = late.MigrateAsync();
        await late.StatusAsync(status => status.WaitingFor?.What.Contains("to be created", StringComparison.Ordinal) is true);
        await server.QueryAsync($"CREATE DATABASE {database.Name}_late");
        Assert.Null(await run);
        await server.QueryAsync($"DROP DATABASE {database.Name}_late");
    }

    [Theory]
    [InlineData("LOCK TABLES a WRITE;", "must not lock tables")]
    [InlineData("SET autocommit = 0;", "must not set autocommit")]
    [InlineData("SET NAMES latin1;", "sets another character set")]
    [InlineData("XA START 'x';", "must not contain XA")]
    [InlineData("SET NAMES DEFAULT;", "sets another character set")]
    [InlineData("SET character_set_client = utf8, collation_connection = latin1_swedish_ci;", "sets another character set")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL READ COMMITTED;", "sets what the next transaction is")]
    [InlineData("SET @@tx_isolation = 'SERIALIZABLE';", "sets what the next transaction is")]
    [InlineData("ALTER TABLE a WAIT 60 ADD COLUMN y INTEGER;", "may wait for a lock for longer than LockAttempt")]
    [InlineData("SET STATEMENT lock_wait_timeout = 60 FOR ALTER TABLE a FORCE;", "may wait for a lock for longer than LockAttempt")]
    [InlineData("DO RELEASE_ALL_LOCKS();", "must not release all locks")]
    [InlineData("FLUSH TABLES WITH READ LOCK;", "must not lock all tables")]
    [InlineData("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE a;", "LOAD DATA LOCAL sends a file of this system")]
    [InlineData("DELETE FROM `migrationhost_history`;", "a migration may not change migrationhost_history")]
    [InlineData("DROP TABLE b, migrationhost_history;", "a migration may not change migrationhost_history")]
    [InlineData("CREATE OR REPLACE TABLE migrationhost_history (id INTEGER);", "a migration may not change migrationhost_history")]
    [InlineData("CREATE TABLE migrationhost_history LIKE a;", "a migration may not change migrationhost_history")]
    [InlineData("CREATE INDEX i ON migrationhost_history (state);", "a migration may not change migrationhost_history")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON migrationhost_history FOR EACH ROW SET @x = 1;", "a migration may not change migrationhost_history")]
    [InlineData("UPDATE a, migrationhost_history AS h SET h.checksum = '';", "a migration may not change migrationhost_history")]
    [InlineData("EXECUTE IMMEDIATE 'DROP TABLE migrationhost_history';", "a migration may not change migrationhost_history")]
    [InlineData("PREPARE s FROM 'DELETE FROM migrationhost_history';", "a migration may not change migrationhost_history")]
    [InlineData("CREATE PROCEDURE p() DELETE FROM migrationhost_history;", "a migration may not change migrationhost_history")]
    [InlineData("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM migrationhost_history;", "a migration may not change migrationhost_history")]
    [InlineData("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DO 1; TRUNCATE migrationhost_history; END;", "a migration may not change migrationhost_history")]
    [InlineData("ALTER EVENT e ON COMPLETION PRESERVE DO UPDATE a JOIN migrationhost_history AS h SET h.checksum = '';", "a migration may not change migrationhost_history")]
    [InlineData("/*!40000 DELETE FROM migrationhost_history */;", "a migration may not change migrationhost_history")]
    [InlineData("DELETE FROM migrationhost_statement;", "a migration may not change migrationhost_history")]
    [InlineData("\\. other.sql\n", "is a command of the mysql client")]
    [InlineData("INSERT INTO a SELECT ROW_COUNT(); CREATE TABLE b (id INTEGER);", "uses what the server says of the statement before it")]
    [InlineData("SELECT FOUND_ROWS() INTO @n; CREATE TABLE b (id INTEGER);", "uses what the server says of the statement before it")]
    [InlineData("GET DIAGNOSTICS @n = ROW_COUNT; CREATE TABLE b (id INTEGER);", "uses what the server says of the statement before it")]
    public async Task A_script_that_would_break_a_promise_is_refused_before_anything_runs(string statement, string problem)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_refused", $"SELECT 1;\n{statement}");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 2), (error?.Code, error?.Line));
        Assert.Contains(problem, error!.Message, StringComparison.Ordinal);
        Assert.Equal(0, host.Status.AppliedCount);
    }

    [Theory]
    [InlineData("latin1", "SET CHARACTER SET utf8;", true)]
    [InlineData("latin1", "SET @x = 1, CHARSET utf8mb4;", true)]
    [InlineData("latin1", "SET NAMES utf8;", false)]
    [InlineData("utf8mb4", "SET CHARACTER SET utf8;", false)]
    [InlineData("utf8mb4", "SET CHARACTER SET latin1;", true)]
    public async Task A_script_may_not_have_its_text_turned_into_a_character_set_that_lacks_some_of_it(string ofDatabase, string set, bool isRefused)
    {
        await using var database = new MySqlTestDatabase(server);
        await database.QueryAsync($"ALTER DATABASE CHARACTER SET {ofDatabase}");
        database.Migration("1_write", $"{set}\nCREATE TABLE a (t TEXT) CHARACTER SET utf8mb4;\nINSERT INTO a VALUES ('Ж');");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(isRefused, error?.Message.Contains("sets another character set", StringComparison.Ordinal) is true);
        if (!isRefused)
            Assert.Equal("D096", await database.QueryAsync("SELECT hex(t) FROM a"));
    }

    [Fact]
    public async Task What_the_server_says_of_the_statement_before_is_the_scripts_where_no_record_comes_in_between()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER PRIMARY KEY AUTO_INCREMENT, n INTEGER);\nINSERT INTO a (n) VALUES (7);\nINSERT INTO a (n) VALUES (LAST_INSERT_ID());\nSELECT ROW_COUNT();");
        database.Migration("2_insert", "INSERT IGNORE INTO a VALUES (1, 1), (8, 8), (9, 9);\nSET @n = ROW_COUNT();\nINSERT INTO a (n) VALUES (@n);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("7\n1\n8\n9\n2", await database.QueryAsync("SELECT n FROM a ORDER BY id"));
    }

    [Fact]
    public async Task A_script_may_set_the_time_of_its_session_and_what_no_transaction_takes()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "SET timestamp = 1000000000;\nSET sql_log_bin = 0;\nCREATE TABLE a (t DATETIME);\nINSERT INTO a VALUES (NOW());\nSET sql_log_bin = 1;\nDROP TABLE IF EXISTS b;");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("2001", await database.QueryAsync("SELECT year(t) FROM a"));
    }

    [Fact]
    public async Task What_a_string_says_is_not_what_a_script_does()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration(
            "1_strings",
            """
            CREATE TABLE a (t VARCHAR(80));
            SET @s = 'ALTER TABLE a MODIFY t CHAR(3) CHARACTER SET ascii', @autocommit = 0;
            SET @c = 'autocommit = 0', @n = 'SET NAMES latin1', @b = 'sql_log_bin = 0';
            INSERT INTO a VALUES ('call release_all_locks() now'), ('ROW_COUNT() is that of the record'), (@s), (@c), (@n);
            """);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("5", await database.QueryAsync("SELECT count(*) FROM a"));
    }

    [Theory]
    [InlineData("SET wsrep_on = OFF;")]
    [InlineData("SET SESSION binlog_direct_non_transactional_updates = 1;")]
    [InlineData("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;")]
    [InlineData("SET @@session.tx_isolation = 'SERIALIZABLE';")]
    [InlineData("ALTER TABLE a WAIT 2 ADD COLUMN y INTEGER; DROP TABLE IF EXISTS b NOWAIT;")]
    [InlineData("SET STATEMENT lock_wait_timeout = 1 FOR ALTER TABLE a FORCE;")]
    [InlineData("CREATE TABLE temporary (id INTEGER); INSERT INTO temporary VALUES (1); DROP TABLE temporary;")]
    public async Task A_statement_that_a_transaction_does_not_take_or_that_only_looks_so_is_applied(string statements)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", $"CREATE TABLE a (id INTEGER);\n{statements}\nINSERT INTO a (id) VALUES (1);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
    }

    [Theory]
    [InlineData("$2024", "Own", "")]
    [InlineData("$1", "Goose", "-- +goose Up\n")]
    public async Task A_name_with_a_dollar_and_a_digit_is_a_name(string ending, string layout, string mark)
    {
        await using var database = new MySqlTestDatabase(server);
        var name = database.Name + ending;
        await database.QueryAsync($"CREATE DATABASE `{name}`");
        database.Migration("1_create", $"{mark}CREATE TABLE a (id INTEGER);");
        await using var host = database.HostWith(
            database.ConnectionString.Replace(database.Name, name, StringComparison.Ordinal),
            ("Databases:app:Layout", layout), ("Databases:app:History:Table", "h$1"));
        await database.RunFileAsync(database.Folder.Write("all.sql", (await host.Run.ScriptAsync()).Text));
        database.Migration("2_insert", $"{mark}INSERT INTO a VALUES (1);");
        database.Migration("3_more", $"{mark}CREATE TABLE b (id INTEGER);\nINSERT INTO b VALUES (2);");

        Assert.Null(await host.MigrateAsync());
        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1|2", await database.QueryAsync($"SELECT a.id, b.id FROM `{name}`.a JOIN `{name}`.b"));
        await database.QueryAsync($"DROP DATABASE `{name}`");
    }

    [Fact]
    public async Task A_script_may_read_the_history()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration(
            "2_read",
            """
            CREATE VIEW v AS SELECT version FROM migrationhost_history;
            CREATE TABLE b AS SELECT version FROM migrationhost_history;
            CREATE TABLE c LIKE migrationhost_history;
            CREATE PROCEDURE p() SELECT count(*) FROM migrationhost_history;
            INSERT INTO a SELECT version FROM migrationhost_history WHERE version = '1';
            """);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
    }

    [Fact]
    public async Task The_sample_is_applied()
    {
        await using var database = new MySqlTestDatabase(server);
        await using var host = database.Host(
            ("Databases:app:Migrations", Path.Combine(MigrationHostProgram.Repository, "samples", "shop-mysql")));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("ada@example.com|1|100\ngrace@example.com|1|200", await database.QueryAsync("SELECT * FROM order_totals ORDER BY email"));
        await database.QueryAsync("UPDATE orders SET state = 'paid'");
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM orders WHERE changed_at IS NULL"));
    }

    [Theory]
    [InlineData("0", "Shop")]
    [InlineData("1", "shop")]
    [InlineData("2", "Shop")]
    public void A_databases_name_is_that_of_the_server_so_that_all_replicas_have_one_turn(string setting, string name) =>
        Assert.Equal(name, new MySqlServer("10.11.0-MariaDB").With([("lower_case_table_names", setting)]).NameOf("Shop"));

    [Theory]
    [InlineData("PASSWORD EXPIRE", "password has expired: ALTER USER")]
    [InlineData("ACCOUNT LOCK", "ALTER USER … ACCOUNT UNLOCK")]
    public async Task An_account_that_may_not_log_in_any_more_is_told_what_lets_it(string option, string remedy)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var account = database.CreateAccount("ALL");
        await server.QueryAsync($"ALTER USER {account.Split("User ID=")[1].Split(';')[0]}@'%' {option}");
        await using var host = database.HostWith(account);

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3), (error?.Code, error?.ExitCode));
        Assert.Contains(remedy, error!.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0000-00-00")]
    [InlineData("2026-02-31")]
    public async Task A_time_in_the_history_that_is_none_is_told(string time)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        await database.QueryAsync($"SET sql_mode = 'ALLOW_INVALID_DATES'; UPDATE migrationhost_history SET applied_at = '{time}'");

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error?.Code, error?.ExitCode));
        Assert.Contains("version 1 has '' for applied_at", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_of_another_tool_is_answered_with_its_layout()
    {
        await using var database = new MySqlTestDatabase(server);
        await database.QueryAsync("CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Contains("the history of dbmate", error?.Message, StringComparison.Ordinal);
        Assert.Contains("set Layout: Dbmate", error!.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_of_the_field_does_what_its_own_client_would()
    {
        await using var database = new MySqlTestDatabase(server);
        await database.QueryAsync($"CREATE DATABASE {database.Name}_other");
        database.Migration(
            "1_all",
            $$"""
            /*!40101 SET NAMES utf8mb4 */;
            SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');
            CREATE TABLE "a" (id INTEGER PRIMARY KEY, t VARCHAR(20)) DEFAULT CHARSET utf8mb4; # a comment; here
            SET @x = '😀; it\'s';
            INSERT INTO a VALUES (1, @x);
            DELIMITER //
            CREATE PROCEDURE p() BEGIN INSERT INTO a VALUES (2, ';'); END //
            DELIMITER ;
            CALL p();
            PREPARE one FROM 'INSERT INTO a VALUES (3, ?)';
            EXECUTE one USING @x;
            USE {{database.Name}}_other
            CREATE TABLE b (id INTEGER);
            """);
        database.Migration("2_next", "INSERT INTO a VALUES (4, \"quoted\");");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1|😀; it's\n2|;\n3|😀; it's\n4|quoted", await database.QueryAsync("SET NAMES utf8mb4; SELECT * FROM a ORDER BY id"));
        Assert.Equal(1, await database.CountAsync($"information_schema.tables WHERE table_schema = '{database.Name}_other'"));
        await database.QueryAsync($"DROP DATABASE {database.Name}_other");
    }

    [Fact]
    public async Task Doctor_names_tables_without_transactions_and_what_cannot_be_seen()
    {
        await using var database = new MySqlTestDatabase(server);
        database.AllowExistingTables = true;
        await database.QueryAsync("CREATE TABLE old (id INTEGER) ENGINE=MyISAM");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.HostWith(database.CreateAccount("ALL"));

        var checks = new List<DoctorCheck>();
        await foreach (var check in Doctor.ExamineAsync(host.Run, TimeProvider.System, default))
            checks.Add(check);

        Assert.DoesNotContain(checks, check => check.Result == DoctorResult.Problem);
        Assert.Contains(checks, check => check.Check == "server" && check.Message.StartsWith("MariaDB 10.", StringComparison.Ordinal));
        Assert.Contains(checks, check => check.Check == "engines" && check.Message.Contains("1 table has no transactions: old (MyISAM)", StringComparison.Ordinal));
        Assert.Contains(checks, check => check is { Check: "locks", Result: DoctorResult.Warning } && check.Message.Contains("GRANT PROCESS ON *.* TO", StringComparison.Ordinal));
        Assert.Contains(checks, check => check.Check == "lock waits" && check.Message.Contains("is 24 h 0 min", StringComparison.Ordinal));
        Assert.Contains(checks, check => check.Check == "character set" && check.Result == DoctorResult.Warning);
    }

    [Fact]
    public async Task Doctor_tells_all_that_is_wrong_with_a_server_at_once()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.HostWith(database.CreateAccount("SELECT, INSERT"));
        var checks = new List<DoctorCheck>();
        await server.QueryAsync("SET GLOBAL read_only = 1, GLOBAL sql_mode = '', GLOBAL autocommit = 0, GLOBAL default_storage_engine = MyISAM");
        try
        {
            await foreach (var check in Doctor.ExamineAsync(host.Run, TimeProvider.System, default))
                checks.Add(check);
        }
        finally
        {
            await server.QueryAsync("SET GLOBAL read_only = 0, GLOBAL sql_mode = DEFAULT, GLOBAL autocommit = 1, GLOBAL default_storage_engine = InnoDB");
        }

        Assert.Equal(
            ["privileges", "cluster"], checks.Where(check => check.Result == DoctorResult.Problem).Select(check => check.Check));
        Assert.Contains(checks, check => check.Message == "the account does not have UPDATE, DELETE, CREATE on this database: the history cannot be kept");
        foreach (var name in new[] { "locks", "autocommit", "engines", "sql_mode" })
            Assert.Contains(checks, check => check.Check == name && check.Result == DoctorResult.Warning);
        Assert.All(checks.Where(check => check.Result != DoctorResult.Ok), check => Assert.NotEmpty(check.Remedy!));
    }

    [Theory]
    [InlineData("GRANT ALL PRIVILEGES ON *.* TO `u`@`%`", "", "")]
    [InlineData("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON `app`.* TO `u`@`%`", "", "ALTER, DROP, INDEX")]
    [InlineData("GRANT ALL PRIVILEGES ON `a%`.* TO `u`@`%`", "", "")]
    [InlineData("GRANT ALL PRIVILEGES ON `my\\_app`.* TO `u`@`%`", "SELECT, INSERT, UPDATE, DELETE, CREATE", "ALTER, DROP, INDEX")]
    [InlineData("GRANT ALL PRIVILEGES ON `app`.`one` TO `u`@`%`", "SELECT, INSERT, UPDATE, DELETE, CREATE", "ALTER, DROP, INDEX")]
    public void Rights_are_those_on_the_database_as_a_whole(string line, string ofEveryRun, string ofMigrations)
    {
        var grants = new MySqlGrants(["GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD 'x'", line], "app");

        Assert.Equal((ofEveryRun, ofMigrations), (string.Join(", ", grants.Missing(MySqlGrants.OfEveryRun)), string.Join(", ", grants.Missing(MySqlGrants.OfMigrations))));
        Assert.False(grants.HasRoles);
        Assert.True(new MySqlGrants(["GRANT `some_role` TO `u`@`%`"], "app").HasRoles);
    }
}
