using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

/// <summary>A rolling deployment: instances of two releases at once.</summary>
public abstract partial class DatabaseContract
{
    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Instances_of_two_releases_at_once_apply_everything_exactly_once()
    {
        const int migrations = 20;
        for (var round = 0; round < Torture.Rounds(1); round++)
        {
            await using var database = CreateDatabase();
            database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
            for (var i = 2; i <= migrations; i++)
                database.Migration($"{i}_insert", $"{(i % 4 == 0 ? "-- migrationhost: transaction=none\n" : "")}INSERT INTO a VALUES ({i});\nCREATE TABLE t{i} (id INTEGER);");
            var arguments = (string[])["migrate", .. database.Arguments(("Timeouts:Turn", "00:00:20"))];

            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(
                instance => MigrationHostProgram.RunAsync(instance % 2 == 0, database.Folder.Path, arguments)));

            Assert.All(results, result => Assert.True(result.Code == 0, result.Output + result.Errors));
            Assert.Equal(string.Join('\n', Enumerable.Range(1, migrations)), await database.HistoryAsync());
            Assert.Equal("19|19", await database.QueryAsync("SELECT count(*), count(DISTINCT id) FROM a"));
            await database.AssertReleasedAsync();
        }
    }
}
