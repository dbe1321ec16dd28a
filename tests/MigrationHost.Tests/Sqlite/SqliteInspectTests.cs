using MigrationHost.Databases;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Layouts;
using MigrationHost.Tests.Support;
using SQLitePCL;

namespace MigrationHost.Tests.Sqlite;

/// <summary>A database in WAL mode that is only looked at, while others write to it.</summary>
public sealed class SqliteInspectTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task What_was_read_while_somebody_wrote_is_read_again(int times)
    {
        await using var file = await CreateAsync();
        var database = new SqliteDatabase("app", SqliteSettings.Read($"Data Source={file.Path}", "/", [])!, OwnHistory.Form, false, TimeProvider.System);
        var attempt = await database.TryOpenAsync(SessionPurpose.Inspect, default);
        await using var session = (SqliteSession)attempt.Session!;
        var reads = 0;

        var rows = await session.RunAsync(
            sqlite =>
            {
                if (++reads <= times)
                    WriteAndLeave(file);
                return sqlite.Query("SELECT count(*) FROM a", row => raw.sqlite3_column_int64(row, 0))[0];
            },
            default);

        Assert.Equal(1 + Math.Min(times, reads), rows);
        Assert.Equal(Math.Min(times, 3) + 1, reads);
    }

    private static async Task<SqliteTestDatabase> CreateAsync()
    {
        var file = new SqliteTestDatabase(wal: true);
        await file.QueryAsync("CREATE TABLE a (b BLOB); INSERT INTO a VALUES (1);");
        return file;
    }

    private static void WriteAndLeave(SqliteTestDatabase file)
    {
        using var connection = file.Open();
        SqliteTestDatabase.Run(connection, "INSERT INTO a VALUES (1); PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
