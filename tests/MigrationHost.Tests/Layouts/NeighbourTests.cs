using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>Two entries of a configuration that are one database: what one of them has put there is not strange to the other, everything
/// else is.</summary>
public sealed class NeighbourTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Folder.Write("migrations/1_one.sql", "CREATE TABLE one (x integer);");
        _database.Folder.Write("other/00001_two.sql", "-- +goose Up\nCREATE TABLE two (x integer);\n-- +goose Down\n");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("Auto")]
    [InlineData("Goose")]
    public async Task What_the_other_has_migrated_with_another_tools_layout_is_no_obstacle(string layout)
    {
        await using var host = Host(layout);

        Assert.Null(await host.Runs.All.Single(run => run.State.Name == "other").MigrateAsync(null, null, default));
        Assert.Null(await host.Runs.All.Single(run => run.State.Name == "app").MigrateAsync(null, null, default));

        Assert.Equal("1", await _database.HistoryAsync());
        Assert.Equal("1", await _database.QueryAsync("SELECT max(version_id) FROM goose_db_version"));
    }

    [Theory]
    [InlineData("_prisma_migrations (id text, migration_name text)", "the history of Prisma (_prisma_migrations)")]
    [InlineData("schema_migrations (version text)", "the history of dbmate or Rails (schema_migrations)")]
    public async Task A_history_that_neither_of_them_names_stops_both(string table, string told)
    {
        await _database.QueryAsync($"CREATE TABLE {table}");
        await using var host = Host("Auto");

        foreach (var run in host.Runs.All)
        {
            var error = await run.MigrateAsync(null, null, default);
            Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
            Assert.Contains(told, error!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_history_that_neither_of_them_names_stops_the_second_too_after_the_first_was_allowed()
    {
        await using var host = Host("Auto");
        Assert.Null(await host.Runs.All.Single(run => run.State.Name == "other").MigrateAsync(null, null, default));
        await _database.QueryAsync("CREATE TABLE _prisma_migrations (id text, migration_name text)");

        var error = await host.Runs.All.Single(run => run.State.Name == "app").MigrateAsync(null, null, default);

        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("_prisma_migrations", error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("goose", error.Message, StringComparison.Ordinal);
    }

    private TestHost Host(string layout) => _database.Host(
        ("Databases:other:Provider", "Sqlite"),
        ("Databases:other:ConnectionString", $"Data Source={_database.Path}"),
        ("Databases:other:Migrations", "other"),
        ("Databases:other:Layout", layout));
}
