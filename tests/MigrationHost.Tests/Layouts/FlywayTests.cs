using MigrationHost.Layouts;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>Flyway, whose rows are written here as its source writes them.</summary>
public abstract class FlywayTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Flyway;

    protected override bool IsMarked => false;

    protected override OfChange Changed => OfChange.Refused;

    protected override bool HasDown => false;

    protected override string First => "1.0";

    private protected override void Write(TempFolder folder, int count)
    {
        string[] versions = ["1_0", "1.2", "1.10"];
        foreach (var (i, name) in Tables.Index().Take(count))
            folder.Write($"migrations/{(i == 1 ? "more/" : "")}V{versions[i]}__make_{name}.sql", $"CREATE TABLE {name} (x integer);\n");
        folder.Write("migrations/U1_0__make_one.sql", "DROP TABLE one;");
    }

    private protected override async Task ToolMigratesAsync(TestDatabase database)
    {
        var time = database is SqliteTestDatabase ? "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now'))" : "TIMESTAMP NOT NULL DEFAULT now()";
        await database.QueryAsync("CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), "
            + "description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER, "
            + $"installed_by VARCHAR(100) NOT NULL, installed_on {time}, execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL)");
        await database.QueryAsync("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) "
            + $"VALUES (1, '1.0', 'make one', 'SQL', 'V1_0__make_one.sql', {Checksum("one")}, 'me', 5, true); CREATE TABLE one (x integer)");
    }

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) => (
        "SELECT installed_rank, version, description, type, script, checksum, CASE WHEN success THEN 'yes' END FROM flyway_schema_history ORDER BY 1",
        $"1|1.0|make one|SQL|V1_0__make_one.sql|{Checksum("one")}|yes\n2|1.2|make two|SQL|more/V1.2__make_two.sql|{Checksum("two")}|yes\n"
            + $"3|1.10|make three|SQL|V1.10__make_three.sql|{Checksum("three")}|yes");

    private static string Checksum(string table) => FlywayChecksum.Of($"CREATE TABLE {table} (x integer);");

    [Fact]
    public Task An_accepted_change_is_all_that_changes_in_its_row() =>
        AnAcceptedChangeIsAllThatChangesInItsRowAsync("checksum", "installed_rank, version, description, type, script, installed_by, installed_on, execution_time, success");

    [Fact]
    public void Its_checksum_is_CRC_32_of_the_lines_without_their_ends()
    {
        Assert.Equal("-873187034", FlywayChecksum.Of("123456789"));
        Assert.Equal("-873187034", FlywayChecksum.Of("\uFEFF1234\r\n56\n789\n"));
    }

    [Fact]
    public async Task A_file_that_is_called_otherwise_than_when_it_was_applied_is_refused_until_that_is_accepted()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 1);
        await ToolMigratesAsync(database);
        File.Move(database.Folder["migrations/V1_0__make_one.sql"], database.Folder["migrations/V1_0__begin.sql"]);
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("V1_0__begin.sql: was applied", error!.Message, StringComparison.Ordinal);
        Assert.Contains("as 'make one'; give the file that name again", error.Message, StringComparison.Ordinal);

        Assert.Null((await host.Run.SettleAsync("1", Settlement.Changed)).Error);
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(
            $"begin|V1_0__make_one.sql|{Checksum("one")}",
            await database.QueryAsync("SELECT description, script, checksum FROM flyway_schema_history"));
    }

    [Fact]
    public async Task A_repeatable_migration_runs_last_and_again_whenever_it_has_changed()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 1);
        database.Folder.Write("migrations/R__the_view.sql", "CREATE VIEW v AS SELECT x FROM one;\n");
        await ToolMigratesAsync(database);
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1", host.Status.Current);

        Assert.Null(await host.MigrateAsync());
        database.Folder.Write("migrations/R__the_view.sql", "DROP VIEW v;\nCREATE VIEW v AS SELECT x + 1 AS x FROM one;\n");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(["1", "R__the_view"], host.Status.Applied.Select(applied => applied.Version));
        Assert.Equal(
            "1|1.0\n2|-\n3|-",
            await database.QueryAsync("SELECT installed_rank, coalesce(version, '-') FROM flyway_schema_history ORDER BY 1"));
    }

    [Fact]
    public async Task A_baseline_of_its_own_stands_for_everything_up_to_it_and_a_broken_row_stops_the_start()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await ToolMigratesAsync(database);
        await database.QueryAsync("UPDATE flyway_schema_history SET version = '1.2', type = 'BASELINE', checksum = NULL; CREATE TABLE two (x integer)");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(3, host.Status.AppliedCount);

        await database.QueryAsync("UPDATE flyway_schema_history SET success = false WHERE version = '1.10'");
        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("flyway_schema_history: 1.10, success = false", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Placeholders_come_from_the_settings_and_one_without_a_value_is_refused_with_its_line()
    {
        await using var database = await CreateAsync();
        database.Folder.Write("migrations/V1__one.sql", "-- first\nCREATE TABLE ${name} (x integer);\n");
        await using var host = database.Host(("Databases:app:Layout", "Flyway"));
        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.HistoryMismatch, 2), (error?.Code, error?.Line));
        Assert.Contains("Placeholders:name", error!.Message, StringComparison.Ordinal);

        await using var filled = database.Host(("Databases:app:Layout", "Flyway"), ("Databases:app:Placeholders:name", "one"));
        Assert.Null(await filled.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM one"));
    }

    [Fact]
    public async Task Its_own_placeholders_are_known_and_a_name_with_a_colon_can_be_set()
    {
        await using var database = await CreateAsync();
        database.Folder.Write("migrations/V1__one.sql", "CREATE TABLE one AS SELECT '${flyway:table}' AS a, '${flyway:user}' AS b, '${other}' AS c;\n");
        database.Folder.Write("migrations/V2__two.sql", "CREATE TABLE two AS SELECT '${other}' AS a;\n");
        database.Folder.Write("migrations/V2__two.sql.conf", "# as it is\nplaceholderReplacement = false\n");
        await using var host = database.Host(
            ("Databases:app:Layout", "Flyway"), ("Databases:app:Placeholders:flyway:user", "me"), ("Databases:app:Placeholders:other", "you"));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("flyway_schema_history|me|you|${other}", await database.QueryAsync("SELECT one.*, two.a FROM one, two"));
    }

    [Fact]
    public async Task A_baseline_migration_forbids_to_begin_and_is_ignored_later()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 1);
        database.Folder.Write("migrations/B1.10__all.sql", "CREATE TABLE one (x integer);");
        await using var host = database.Host(("Databases:app:Layout", "Flyway"));
        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("B1.10__all.sql: is a baseline migration", error!.Message, StringComparison.Ordinal);

        // As Flyway has it after it began with that file.
        await ToolMigratesAsync(database);
        await database.QueryAsync("UPDATE flyway_schema_history SET version = '1.10', type = 'SQL_BASELINE'; CREATE TABLE two (x integer); CREATE TABLE three (x integer)");
        Write(database.Folder, 3);
        database.Folder.Write("migrations/V2__four.sql", "CREATE TABLE four (x integer);");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(["1", "1.2", "1.10", "2"], host.Status.Applied.Select(applied => applied.Version));
    }

    [Fact]
    public async Task A_callback_is_never_ignored()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 1);
        await ToolMigratesAsync(database);
        database.Folder.Write("migrations/afterMigrate__grants.sql", "SELECT 1;");
        database.Folder.Write("migrations/beforeClean.sql", "SELECT 1;");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        Assert.Contains(host.Log.All, line => line.Contains("afterMigrate__grants.sql: is a callback of Flyway", StringComparison.Ordinal));

        Write(database.Folder, 3);
        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("afterMigrate__grants.sql: is a callback of Flyway", error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("beforeClean", error.Message, StringComparison.Ordinal);
    }
}

/// <summary>Where Flyway knows statements that cannot run in a transaction.</summary>
public abstract class FlywayOutsideTransactionTests : FlywayTests
{
    [Fact]
    public async Task Statements_that_cannot_run_in_a_transaction_are_seen_and_may_not_stand_beside_others()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 1);
        database.Folder.Write("migrations/V2__outside.sql", $"{database.OutsideTransaction};\n{database.OutsideTransaction};\n");
        await using var host = database.Host(("Databases:app:Layout", "Flyway"));
        Assert.Null(await host.MigrateAsync());

        database.Folder.Write("migrations/V3__mixed.sql", $"CREATE TABLE mixed (x integer);\n{database.OutsideTransaction};\n");
        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("V3__mixed.sql.conf", error!.Message, StringComparison.Ordinal);

        database.Folder.Write("migrations/V3__mixed.sql.conf", "executeInTransaction=false\n");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM mixed"));

        database.Folder.Write("migrations/V4__odd.sql", "SELECT 1;");
        database.Folder.Write("migrations/V4__odd.sql.conf", "shouldExecute=${env}==test\n");
        Assert.Contains("has 'shouldExecute' in V4__odd.sql.conf", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
    }
}

public sealed class FlywaySqliteTests : FlywayOutsideTransactionTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.Collection)]
public sealed class FlywayPostgreSqlTests(PostgreSqlCluster cluster) : FlywayOutsideTransactionTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class FlywayMariaDb(MariaDbForRuns server) : FlywayTests
{
    protected override bool StartsNoProgram => true;

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
