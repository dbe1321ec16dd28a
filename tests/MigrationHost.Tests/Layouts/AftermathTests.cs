using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>A run in a child process has looked into the database, and its parent has not.</summary>
public sealed class AftermathTests
{
    [Theory]
    [InlineData("Auto")]
    [InlineData("Goose")]
    public async Task What_has_become_of_a_migration_is_read_in_the_history_of_its_tool(string layout)
    {
        await using var database = new SqliteTestDatabase();
        database.Folder.Write("migrations/00001_one.sql", "-- +goose Up\nCREATE TABLE one (x integer);\n");
        await using (var child = database.Host())
            Assert.Null(await child.MigrateAsync());
        await using var parent = database.Host(("Databases:app:Layout", layout));

        var found = await parent.Run.Engine.AftermathAsync(parent.Run.State.BeginAttempt(), "1", default);

        Assert.Equal(ConsequenceKind.Committed, found?.Kind);
    }
}
