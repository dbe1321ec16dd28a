using MigrationHost.Databases.Sqlite;
using Microsoft.Data.Sqlite;

namespace MigrationHost.EntityFramework;

/// <summary>Opens connections as the context would: its interceptors see each.</summary>
internal sealed class ContextConnections(ContextSource source)
{
    /// <summary>What relative paths count from, for the driver. <see href="https://learn.microsoft.com/dotnet/standard/data/sqlite/connection-strings"/></summary>
    public static string FolderOfSqlite =>
        AppContext.GetData("DataDirectory") is string { Length: > 0 } folder ? folder : Directory.GetCurrentDirectory();

    /// <summary>A new file gets the journal mode that EF Core gives it. Another process may be at the same: then it has it already.</summary>
    public static void PrepareNewFile(RawSqlite sqlite) => sqlite.TryExecute("PRAGMA journal_mode = 'wal'");

    public void Open(SqliteConnection connection) => source.With(context =>
    {
        new ConnectionInterception(context, connection).Open();
        return true;
    });
}
