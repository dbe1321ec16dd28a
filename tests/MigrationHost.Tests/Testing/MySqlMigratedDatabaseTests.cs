using System.Data.Common;
using System.Globalization;
using MigrationHost.Testing;
using MigrationHost.Tests.Support;
using MySqlConnector;

namespace MigrationHost.Tests.Testing;

/// <summary>Test databases on a MariaDB server.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlMigratedDatabaseTests(MariaDbServer server) : MigratedDatabaseContract
{
    private readonly string _connectionString =
        string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={server.Port};User ID=root;Database=unused;SslMode=Disabled");

    protected override IEnumerable<string> Server => [nameof(DatabaseProvider.MySql), _connectionString];

    [Fact]
    public async Task A_copy_is_what_the_migrations_make_in_a_database_of_their_own()
    {
        Write("2_tables", """
            CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 5;
            CREATE TABLE children (id INTEGER AUTO_INCREMENT PRIMARY KEY, parent INTEGER, note VARCHAR(40) CHARACTER SET utf8mb4 DEFAULT 'a''b\\c' COMMENT 'ü; -- x',
                number BIGINT DEFAULT (nextval(numbers)), doubled INTEGER AS (parent * 2) STORED, hidden INTEGER INVISIBLE DEFAULT 7, at TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00');
            CREATE TABLE parents (id INTEGER AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_bin NOT NULL UNIQUE, CHECK (name <> ''));
            ALTER TABLE children ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE;
            CREATE TABLE `od``d name` (k INTEGER NOT NULL, b BLOB, PRIMARY KEY (k)) PARTITION BY HASH (k) PARTITIONS 2;
            CREATE TABLE versions (id INTEGER) WITH SYSTEM VERSIONING;
            SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO');
            INSERT INTO parents VALUES (0, 'none'), (41, 'Ada');
            INSERT INTO children (parent, note, hidden) VALUES (41, 'первый', 8), (0, NULL, NULL);
            INSERT INTO `od``d name` VALUES (1, x'00ff27');
            INSERT INTO versions VALUES (1);
            """);
        Write("3_programs", """
            DELIMITER //
            CREATE FUNCTION twice(n INTEGER) RETURNS INTEGER DETERMINISTIC BEGIN RETURN n * 2; END //
            SET SESSION sql_mode = 'ANSI_QUOTES' //
            CREATE PROCEDURE fill() BEGIN INSERT INTO "parents" (name) VALUES ('filled'); END //
            SET SESSION sql_mode = DEFAULT //
            CREATE TRIGGER first_one BEFORE INSERT ON parents FOR EACH ROW BEGIN SET NEW.name = CONCAT(NEW.name, '!'); END //
            CREATE TRIGGER another BEFORE INSERT ON parents FOR EACH ROW SET NEW.name = CONCAT(NEW.name, '?') //
            DELIMITER ;
            CREATE VIEW z_first AS SELECT c.id, p.name FROM children c JOIN parents p ON p.id = c.parent;
            CREATE VIEW a_last AS SELECT * FROM z_first WHERE twice(id) > 0;
            CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM children;
            CREATE TABLE gone (id INTEGER);
            CREATE VIEW of_nothing AS SELECT id FROM gone;
            DROP TABLE gone;
            """);
        await using var own = new MySqlTestDatabase(server);
        await using var copy = await MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.MySql, own.ConnectionString);
        await using (var host = own.HostWith(own.ConnectionString, ("Databases:app:Migrations", Migrations)))
            Assert.Null(await host.MigrateAsync());
        await own.QueryAsync("DROP VIEW of_nothing; INSERT INTO parents (name) VALUES ('new'); DELETE FROM parents WHERE name LIKE 'new%'");
        await RunAsync(copy, "INSERT INTO parents (name) VALUES ('new')");
        await RunAsync(copy, "DELETE FROM parents WHERE name LIKE 'new%'");

        Assert.Equal(await server.DumpAsync(own.Name), await server.DumpAsync(NameOf(copy.ConnectionString)));
    }

    [Fact]
    public async Task A_database_that_only_looks_like_one_of_ours_stays()
    {
        await using var own = new MySqlTestDatabase(server);
        string[] others = ["migrationhost_test", "migrationhost_test_shop", "migrationhost_test_0123456789abcdef", "migrationhost_template", "migrationhost_template_shop"];
        const string configured = "migrationhost_test_0123456789abcdef_1";
        foreach (var name in others.Append(configured))
            await server.QueryAsync($"CREATE DATABASE {name}; CREATE TABLE {name}.kept (id INTEGER)");
        await using (var database = await MigratedDatabase.CreateAsync(
            Migrations, DatabaseProvider.MySql, own.ConnectionString.Replace(own.Name, configured, StringComparison.Ordinal)))
            Assert.Equal("0", await RunAsync(database, "SELECT count(*) FROM users"));

        foreach (var name in others.Append(configured))
            await server.QueryAsync($"DROP TABLE {name}.kept; DROP DATABASE {name}");
    }

    [Fact]
    public async Task Rows_that_break_a_check_are_copied_and_a_view_whose_function_is_gone_is_left_out()
    {
        Write("2_odd", """
            CREATE TABLE odd (id INTEGER);
            INSERT INTO odd VALUES (-1);
            SET SESSION check_constraint_checks = 0;
            ALTER TABLE odd ADD CONSTRAINT positive CHECK (id > 0);
            SET SESSION check_constraint_checks = 1;
            CREATE FUNCTION gone() RETURNS INTEGER RETURN 1;
            CREATE VIEW of_gone AS SELECT gone() AS x;
            DROP FUNCTION gone;
            """);

        await using var copy = await CreateAsync();

        Assert.Equal("-1", await RunAsync(copy, "SELECT id FROM odd"));
        Assert.Equal("0", await RunAsync(copy, "SELECT count(*) FROM information_schema.views WHERE table_schema = database()"));
    }

    [Fact]
    public async Task A_database_of_another_character_set_has_another_template()
    {
        await using var own = new MySqlTestDatabase(server);
        const string charset = "SELECT character_set_name FROM information_schema.columns WHERE table_schema = database() AND table_name = 'names'";
        Write("2_names", "CREATE TABLE names (name VARCHAR(9));");
        foreach (var one in new[] { "latin1", "utf8mb4" })
        {
            await server.QueryAsync($"ALTER DATABASE {own.Name} CHARACTER SET {one}");
            // Another connection string is another server: what a process has learned of one it does not ask again.
            await using var copy = await MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.MySql, $"{own.ConnectionString};ApplicationName={one}");
            Assert.Equal(one, await RunAsync(copy, charset));
        }
    }

    [Fact]
    public async Task A_template_that_was_removed_is_made_again()
    {
        await using var before = await CreateAsync();
        var template = await RunAsync(before, "SELECT GROUP_CONCAT(schema_name) FROM information_schema.schemata WHERE schema_name LIKE 'migrationhost%template%'");
        foreach (var name in template.Split(','))
            await RunAsync(before, $"DROP DATABASE {name}");

        await using var after = await CreateAsync();

        Assert.Equal("0", await RunAsync(after, "SELECT count(*) FROM users"));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_and_a_user_who_may_not_are_told()
    {
        var nobody = await Assert.ThrowsAsync<MigrationException>(
            () => MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.MySql, "Server=127.0.0.1;Port=1;User ID=app;Password=secret;Database=x"));
        Assert.Equal(3, nobody.Error.ExitCode);
        Assert.Contains("127.0.0.1:1, cannot be used", nobody.Message, StringComparison.Ordinal);

        await using var own = new MySqlTestDatabase(server);
        var refused = await Assert.ThrowsAsync<MigrationException>(
            () => MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.MySql, own.CreateAccount("SELECT")));
        Assert.Contains(@"GRANT ALL ON `migrationhost\_%`.* TO", refused.Message, StringComparison.Ordinal);
    }

    public override Task<MigratedDatabase> CreateAsync() =>
        MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.MySql, _connectionString);

    protected override DbConnection Connect(string connectionString) => new MySqlConnection(connectionString);

    protected override async Task<bool> ExistsAsync(string connectionString) => await ScalarAsync(
        new MySqlConnectionStringBuilder(_connectionString) { Database = "" }.ConnectionString,
        $"SELECT count(*) FROM information_schema.schemata WHERE schema_name = '{NameOf(connectionString)}'") == "1";

    private static string NameOf(string connectionString) => new MySqlConnectionStringBuilder(connectionString).Database;
}
