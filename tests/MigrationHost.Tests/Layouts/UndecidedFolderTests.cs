using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>A folder that fits several tools, on a database that has no history of any.</summary>
public sealed class UndecidedFolderTests
{
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
