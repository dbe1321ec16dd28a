using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

/// <summary>A database that has two names, or that two entries of a configuration name.</summary>
public sealed class SqliteSecondNameTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_one", "CREATE TABLE one (x);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_hard_link_is_told_because_the_journal_has_the_other_name()
    {
        await _database.QueryAsync("PRAGMA user_version = 1");
        await using (var link = new RunningProgram("ln", [_database.Path, _database.Folder["data/copy.db"]]))
            Assert.Equal(0, await link.ExitAsync());
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Contains(host.Log.All, line => line.StartsWith("Warning: app: data/app.db has 2 names", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_with_one_name_is_not_talked_about()
    {
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Null(await host.MigrateAsync());

        Assert.DoesNotContain(host.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("data/app.db")]
    [InlineData("data/../data/app.db")]
    [InlineData("link/app.db")]
    [InlineData("link.db")]
    public async Task A_second_entry_for_the_same_file_and_folder_is_told(string path)
    {
        Directory.CreateSymbolicLink(_database.Folder["link"], "data");
        File.CreateSymbolicLink(_database.Folder["link.db"], "data/app.db");
        await using var host = _database.Host(
            ("Databases:other:ConnectionString", $"Data Source={path}"), ("Databases:other:Provider", "Sqlite"));

        foreach (var run in host.Runs.All)
            Assert.Null(await run.MigrateAsync(null, null, default));

        Assert.Equal("1", await _database.HistoryAsync());
        Assert.Contains(host.Log.All, line => line.Contains("other: the entry 'app' has the same database", StringComparison.Ordinal));
    }
}
