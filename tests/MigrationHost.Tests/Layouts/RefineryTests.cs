using System.Text;
using MigrationHost.Layouts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>refinery, whose rows are written here as its source writes them.</summary>
public abstract class RefineryTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Refinery;

    protected override bool IsMarked => false;

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
    public async Task A_changed_file_is_refused()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await ToolMigratesAsync(database);
        await database.QueryAsync("UPDATE refinery_schema_history SET checksum = '1'");
        await using var host = database.Host();

        Assert.Contains("V1__make_one.sql: has changed", (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
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
