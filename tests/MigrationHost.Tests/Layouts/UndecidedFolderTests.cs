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

    /// <summary>With the other tool's layout our own files would never run.</summary>
    [Theory]
    [InlineData("2023-01-01-000000_users/up.sql", "20230101000000_users.sql", "may be a folder of Diesel, but Diesel")]
    [InlineData("20261122100000_init/migration.sql", "1_users.sql", "may be a folder of Prisma or Drizzle, but Prisma")]
    [InlineData("1_init.up.sql", "2_users.sql", "may be a folder of golang-migrate or morph or sqlx, but golang-migrate")]
    [InlineData("V1__init.sql", "2_users.sql", "may be a folder of Flyway or refinery, but Flyway")]
    public async Task One_that_has_migrations_of_ours_besides_is_refused_with_both_ways_out(string theirs, string ours, string message)
    {
        await using var database = new SqliteTestDatabase();
        database.Folder.Write($"migrations/{theirs}", "CREATE TABLE a (id integer);");
        database.Folder.Write($"migrations/{ours}", "CREATE TABLE b (id integer);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error?.Code, error?.ExitCode));
        Assert.Contains($"{message} does not read {ours}, which is beside {theirs}", error!.Message, StringComparison.Ordinal);
        Assert.Contains($"If {ours} is to run, move {theirs}", error.Hint, StringComparison.Ordinal);
        Assert.Equal("", await database.QueryAsync("SELECT name FROM sqlite_master"));
        Assert.Equal(MigrationErrorCode.HistoryMismatch, (await host.Run.ValidateAsync(default))?.Code);
    }

    [Fact]
    public async Task A_folder_of_ours_with_another_ones_script_in_a_sub_folder_is_ours()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_x", "CREATE TABLE a (id integer);");
        database.Folder.Write("migrations/legacy/up.sql", "CREATE TABLE b (id integer);");
        database.Folder.Write("migrations/docs/migration.sql", "CREATE TABLE c (id integer);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1", await database.HistoryAsync());
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
