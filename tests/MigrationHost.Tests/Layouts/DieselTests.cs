using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>Diesel, whose rows are written here as its source writes them.</summary>
public abstract class DieselTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Diesel;

    protected override string First => "2026-11-22-100000-0000";

    private protected override void Write(TempFolder folder, int count)
    {
        foreach (var (i, name) in Tables.Index().Take(count))
        {
            folder.Write($"migrations/2026-11-22-10000{i}-0000_{name}/up.sql", $"CREATE TABLE {name} (x integer);\n");
            folder.Write($"migrations/2026-11-22-10000{i}-0000_{name}/down.sql", $"DROP TABLE {name};\n");
        }
        folder.Write("migrations/.keep", "");
    }

    private protected override async Task ToolMigratesAsync(TestDatabase database) => await database.QueryAsync(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); "
            + "INSERT INTO __diesel_schema_migrations (version) VALUES ('202611221000000000'); CREATE TABLE one (x integer)");

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) =>
        ("SELECT version FROM __diesel_schema_migrations ORDER BY version", "202611221000000000\n202611221000010000\n202611221000020000");

    [Fact]
    public async Task Metadata_says_whether_a_transaction_is_around_it()
    {
        await using var database = await CreateAsync();
        database.Folder.Write("migrations/1_one/up.sql", $"CREATE TABLE one (x integer);\n{database.OutsideTransaction}\n");
        database.Folder.Write("migrations/1_one/metadata.toml", "run_in_transaction = false\n");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM one"));
    }

    [Fact]
    public async Task Its_versions_are_in_the_order_of_text()
    {
        await using var database = await CreateAsync();
        database.Folder.Write("migrations/20200101000000_one/up.sql", "CREATE TABLE one (x integer);");
        database.Folder.Write("migrations/2019-12-31-000000-0000_two/up.sql", "CREATE TABLE two (x integer);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(["201912310000000000", "20200101000000"], host.Status.Applied.Select(applied => applied.Version));
    }
}

public sealed class DieselSqliteTests : DieselTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.ForTools)]
public sealed class DieselPostgreSqlTests(PostgreSqlCluster cluster) : DieselTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class DieselMariaDb(MariaDbForRuns server) : DieselTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
