using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>golang-migrate, whose rows are written here as its source writes them.</summary>
public abstract class GolangMigrateTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.GolangMigrate;

    protected override bool IsMarked => false;

    protected override string First => "1";

    private protected override void Write(TempFolder folder, int count)
    {
        foreach (var (version, name) in new[] { ("000001", "one"), ("000002", "two"), ("000010", "three") }.Take(count))
        {
            folder.Write($"migrations/{version}_{name}.up.sql", $"CREATE TABLE {name} (x integer);\n");
            folder.Write($"migrations/{version}_{name}.down.sql", $"DROP TABLE {name};\n");
        }
        folder.Write("migrations/README.md", "How to");
    }

    private protected override async Task ToolMigratesAsync(TestDatabase database)
    {
        await database.QueryAsync(database is SqliteTestDatabase
            ? "CREATE TABLE schema_migrations (version uint64,dirty bool); CREATE UNIQUE INDEX version_unique ON schema_migrations (version)"
            : "CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)");
        await database.QueryAsync("CREATE TABLE one (x integer); INSERT INTO schema_migrations (version, dirty) VALUES (1, false)");
    }

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) =>
        ("SELECT version, CASE WHEN dirty THEN 'dirty' ELSE 'clean' END FROM schema_migrations", "10|clean");

    [Theory]
    [InlineData(true, "2|clean")]
    [InlineData(false, "1|clean")]
    public async Task A_dirty_row_stops_the_start_until_it_is_resolved(bool applied, string row)
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await ToolMigratesAsync(database);
        await database.QueryAsync("UPDATE schema_migrations SET version = 2, dirty = true");
        if (applied)
            await database.QueryAsync("CREATE TABLE two (x integer)");
        await using var host = database.Host(("Databases:app:Layout", "GolangMigrate"));

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("schema_migrations: version 2, dirty", error!.Message, StringComparison.Ordinal);
        Assert.Contains("resolve 2 --applied", error.Message, StringComparison.Ordinal);
        Assert.Equal("2|dirty", await RowAsync());

        Assert.Null(await host.Run.ResolveAsync("2", applied, default));
        Assert.Equal(row, await RowAsync());
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("10|clean", await RowAsync());

        Task<string> RowAsync() => database.QueryAsync(AfterAll(database.Folder).Query);
    }

    [Fact]
    public Task Killed_in_the_middle_of_a_migration_nothing_is_dirty() => KilledInTheMiddleNothingIsDirtyAsync();

    [Fact]
    public async Task A_script_that_breaks_outside_a_transaction_is_dirty_to_the_tool_and_resumed_by_us()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        const string header = "-- migrationhost: transaction=none\n";
        database.Folder.Write("migrations/000002_two.up.sql", $"{header}CREATE TABLE two (x integer);\nSELECT nowhere;\n");
        await using var host = database.Host(("Databases:app:Layout", "GolangMigrate"));

        Assert.Equal(MigrationErrorCode.MigrationFailed, (await host.MigrateAsync())?.Code);
        Assert.Equal("2|dirty", await database.QueryAsync(AfterAll(database.Folder).Query));
        Assert.Equal("2|started|1", await database.QueryAsync("SELECT version, state, statements_done FROM migrationhost_history"));

        database.Folder.Write("migrations/000002_two.up.sql", $"{header}CREATE TABLE two (x integer);\nSELECT 1;\n");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("10|clean", await database.QueryAsync(AfterAll(database.Folder).Query));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM migrationhost_history"));
    }

    [Fact]
    public async Task Somebody_else_may_have_finished_what_we_began()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        database.Folder.Write("migrations/000002_two.up.sql", "-- migrationhost: transaction=none\nCREATE TABLE two (x integer);\nSELECT nowhere;\n");
        await using var host = database.Host(("Databases:app:Layout", "GolangMigrate"));
        Assert.NotNull(await host.MigrateAsync());

        // As 'migrate force 2' does.
        await database.QueryAsync("DELETE FROM schema_migrations; INSERT INTO schema_migrations VALUES (2, false)");

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("10|clean", await database.QueryAsync(AfterAll(database.Folder).Query));
    }
}

public sealed class GolangMigrateSqliteTests : GolangMigrateTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.ForTools)]
public sealed class GolangMigratePostgreSqlTests(PostgreSqlCluster cluster) : GolangMigrateTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class GolangMigrateMariaDb(MariaDbForRuns server) : GolangMigrateTests
{
    protected override bool StartsNoProgram => true;

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
