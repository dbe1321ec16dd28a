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

        Assert.Equal(await DumpAsync(own.Name), await DumpAsync(NameOf(copy.ConnectionString)));
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

    private async Task<string> DumpAsync(string database)
    {
        await using var dump = new RunningProgram(
            "mariadb-dump",
            ["--no-defaults", "--host=127.0.0.1", $"--port={server.Port}", "--user=root", "--routines", "--events", "--skip-comments",
                $"--ignore-table={database}.migrationhost_history", database]);
        Assert.True(await dump.ExitAsync() == 0, dump.Errors);
        return dump.Output.Replace(database, "database", StringComparison.Ordinal);
    }

    private static string NameOf(string connectionString) => new MySqlConnectionStringBuilder(connectionString).Database;
}
