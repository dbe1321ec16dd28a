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
        database.Folder.Write("migrations/20200101000000_one/up.sql", $"CREATE TABLE one (x integer);\n{database.OutsideTransaction}\n");
        database.Folder.Write("migrations/20200101000000_one/metadata.toml", "run_in_transaction = false\n");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM one"));
    }

    [Theory]
    [InlineData("archive/old.sql")]
    [InlineData("2020-01-02-000000_two/README.md")]
    public async Task A_folder_that_it_refuses_itself_is_refused_with_what_to_do(string file)
    {
        await using var database = await CreateAsync();
        database.Folder.Write("migrations/2020-01-01-000000_one/up.sql", "CREATE TABLE one (x integer);");
        database.Folder.Write($"migrations/{file}", "-- nothing\n");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((7, $"migrations/{file.Split('/')[0]}: has no up.sql, so that Diesel refuses it, too: restore that, move the folder out, "
            + "or put a dot before its name"), (error!.ExitCode, error.Message));
        Directory.Move(database.Folder[$"migrations/{file.Split('/')[0]}"], database.Folder["migrations/.archive"]);
        Assert.Null(await host.MigrateAsync());
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

    /// <summary>Other tools keep up.sql in folders, too, and order them as numbers.</summary>
    [Theory]
    [InlineData("1-users", "2-orders", "10-items")]
    [InlineData("1642531025374_users", "1642531025375_orders", "1642531025376_items")]
    [InlineData("2026-11-26-100000_users", "2026-11-26-100001_orders", "3_items")]
    public async Task Versions_that_are_no_times_are_its_own_only_where_somebody_says_so(params string[] names)
    {
        await using var database = await CreateAsync();
        foreach (var (i, name) in names.Index())
            database.Folder.Write($"migrations/{name}/up.sql", $"CREATE TABLE t{i} (x integer);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error?.Code, error?.ExitCode));
        Assert.Contains("is not named as Diesel names its folders", error!.Message, StringComparison.Ordinal);
        Assert.Contains("set Layout: Diesel", error.Hint, StringComparison.Ordinal);
        Assert.Equal("", await database.SchemaAsync());
        await using var told = database.Host(("Databases:app:Layout", "Diesel"));
        Assert.Null(await told.MigrateAsync());

        // From here on its table says whose it is.
        Assert.Null(await host.MigrateAsync());
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
