using System.Text;
using MigrationHost.Layouts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>refinery, whose rows are written here as its source writes them.</summary>
public abstract class RefineryTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Refinery;

    protected override bool IsMarked => false;

    protected override OfChange Changed => OfChange.Refused;

    protected override OfChange OtherLineEnds => OfChange.Refused;

    protected override bool HasDown => false;

    protected override string First => "1";

    private protected override void Write(TempFolder folder, int count)
    {
        foreach (var (i, name) in Tables.Index().Take(count))
            folder.Write($"migrations/V{i + 1}__make_{name}.sql", $"CREATE TABLE {name} (x integer);\n");
    }

    private protected override async Task ToolMigratesAsync(TestDatabase database) => await database.QueryAsync(
        "CREATE TABLE refinery_schema_history (version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255)); "
            + $"INSERT INTO refinery_schema_history VALUES (1, 'make_one', '2026-11-22T10:00:00.123456789Z', '{Checksum(1, "one")}'); "
            + "CREATE TABLE one (x integer)");

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) => (
        "SELECT version, name, checksum FROM refinery_schema_history ORDER BY version",
        string.Join('\n', Tables.Select((name, i) => $"{i + 1}|make_{name}|{Checksum(i + 1, name)}")));

    private static ulong Checksum(byte version, string table) => SipHash.Of(
        [.. Encoding.UTF8.GetBytes($"make_{table}"), 0xFF, version, 0, 0, 0, .. Encoding.UTF8.GetBytes($"CREATE TABLE {table} (x integer);\n"), 0xFF]);

    private static ulong Checksum(int version, string table) => Checksum((byte)version, table);

    // As printed by Rust's DefaultHasher for the name, the version as i32, and the script.
    [Fact]
    public Task An_accepted_change_is_all_that_changes_in_its_row() =>
        AnAcceptedChangeIsAllThatChangesInItsRowAsync("checksum", "version, name, applied_on");

    [Fact]
    public void Its_checksum_is_that_of_Rust() => Assert.Equal(
        1870914086477227822UL,
        SipHash.Of([.. "initial"u8, 0xFF, 1, 0, 0, 0, .. "CREATE TABLE t (x integer);\n"u8, 0xFF]));

    [Fact]
    public async Task A_history_whose_small_versions_are_hashed_as_64_bits_gets_rows_like_its_own()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 2);
        await database.QueryAsync(
            "CREATE TABLE refinery_schema_history (version INT8 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255)); "
                + $"INSERT INTO refinery_schema_history VALUES (1, 'make_one', '2026-11-22T10:00:00.123456789Z', '{Wide(1, "one")}'); "
                + "CREATE TABLE one (x integer)");
        await using var host = database.Host(("Databases:app:Layout", "Refinery"));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal($"{Wide(2, "two")}", await database.QueryAsync("SELECT checksum FROM refinery_schema_history WHERE version = 2"));
        Assert.Null(await host.MigrateAsync());

        static ulong Wide(byte version, string table) => SipHash.Of([
            .. Encoding.UTF8.GetBytes($"make_{table}"), 0xFF, version, 0, 0, 0, 0, 0, 0, 0,
            .. Encoding.UTF8.GetBytes($"CREATE TABLE {table} (x integer);\n"), 0xFF]);
    }

    [Fact]
    public async Task Versions_of_64_bits_are_hashed_as_its_feature_for_them_does()
    {
        await using var database = await CreateAsync();
        database.Folder.Write("migrations/V20261122100000__make_one.sql", "CREATE TABLE one (x integer);\n");
        await using var host = database.Host(("Databases:app:Layout", "Refinery"));

        Assert.Null(await host.MigrateAsync());

        // 20261122100000 = 0x126D_68FC_4B20, in eight bytes.
        var checksum = SipHash.Of([.. "make_one"u8, 0xFF, 0x20, 0x4B, 0xFC, 0x68, 0x6D, 0x12, 0, 0, .. "CREATE TABLE one (x integer);\n"u8, 0xFF]);
        Assert.Equal($"20261122100000|{checksum}", await database.QueryAsync("SELECT version, checksum FROM refinery_schema_history"));
    }

    [Fact]
    public async Task A_late_U_file_is_applied_and_a_late_V_file_is_refused()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await using var host = database.Host(("Databases:app:Layout", "Refinery"));
        Assert.Null(await host.MigrateAsync());
        File.Move(database.Folder["migrations/V3__make_three.sql"], database.Folder["migrations/V30__make_three.sql"]);
        await database.QueryAsync("DELETE FROM refinery_schema_history WHERE version = 3; DROP TABLE three");
        Assert.Null(await host.MigrateAsync());

        database.Folder.Write("migrations/U3__late.sql", "CREATE TABLE late (x integer);");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM late"));

        database.Folder.Write("migrations/V4__late.sql", "CREATE TABLE later (x integer);");
        Assert.Contains("V4__late.sql: is out of order", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
    }
}

public sealed class RefinerySqliteTests : RefineryTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.Collection)]
public sealed class RefineryPostgreSqlTests(PostgreSqlCluster cluster) : RefineryTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class RefineryMariaDb(MariaDbForRuns server) : RefineryTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
