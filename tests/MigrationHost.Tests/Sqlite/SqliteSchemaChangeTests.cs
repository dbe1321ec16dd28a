using MigrationHost.Databases.Sqlite;
using MigrationHost.Tests.Support;
using SQLitePCL;

namespace MigrationHost.Tests.Sqlite;

/// <summary>A statement that is compiled while another process changes the schema again and again, as replicas do that start at once.
/// </summary>
public sealed class SqliteSchemaChangeTests
{
    [Fact]
    public async Task A_table_that_is_not_there_is_just_that()
    {
        await using var database = new SqliteTestDatabase(wal: true);
        using var other = database.Open();
        SqliteTestDatabase.Run(other, "CREATE TABLE there (id INTEGER)");
        using var sqlite = RawSqlite.Open($"Data Source={database.Path};Pooling=False", connection => connection.Open());
        var changes = 0;
        // SQLite asks this after it has read the schema and before it looks for the second table.
        sqlite.Ask((_, action, _, _, _, _) =>
        {
            if (action == raw.SQLITE_INSERT && changes < 5)
                SqliteTestDatabase.Run(other, $"CREATE TABLE other{++changes} (id INTEGER)");
            return raw.SQLITE_OK;
        });

        var failure = Assert.Throws<SqliteFailure>(() => sqlite.Execute("INSERT INTO main.there SELECT id FROM main.missing"));

        Assert.Equal((raw.SQLITE_ERROR, 5), (failure.Code, changes));
        Assert.StartsWith("no such table", failure.Message, StringComparison.Ordinal);
    }
}
