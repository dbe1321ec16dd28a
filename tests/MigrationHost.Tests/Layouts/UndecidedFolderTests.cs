using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>A folder that fits several tools, on a database that has no history of any.</summary>
public sealed class UndecidedFolderTests
{
    [Fact]
    public async Task All_histories_that_a_database_has_are_named()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_one", "CREATE TABLE one (id integer);");
        await database.QueryAsync(
            "CREATE TABLE goose_db_version (id integer); CREATE TABLE _prisma_migrations (id text); CREATE TABLE schema_migrations (version, dirty)");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        foreach (var tool in new[] { "goose", "Prisma", "golang-migrate" })
            Assert.Contains($"the history of {tool} (", error!.Message, StringComparison.Ordinal);
        foreach (var layout in new[] { "set Layout: ", "Goose", "Prisma", "GolangMigrate" })
            Assert.Contains(layout, error!.Hint, StringComparison.Ordinal);
        Assert.Contains("baseline", error!.Hint, StringComparison.Ordinal);
        Assert.Contains("AllowExistingTables", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("20261122100000_init/migration.sql", "Prisma, Drizzle")]
    [InlineData("1_init.up.sql", "GolangMigrate, Morph, Sqlx")]
    [InlineData("V1__init.sql", "Flyway, Refinery")]
    public async Task It_is_refused_with_the_choices(string file, string choices)
    {
        await using var database = new SqliteTestDatabase();
        database.Folder.Write($"migrations/{file}", "CREATE TABLE a (id integer);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error?.Code, error?.ExitCode));
        Assert.Contains($"Set Layout to one of {choices}.", error!.Hint, StringComparison.Ordinal);
        Assert.Equal("", await database.QueryAsync("SELECT name FROM sqlite_master"));
        await database.AssertReleasedAsync();
    }
}
