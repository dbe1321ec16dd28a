using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MigrationHost.Peers;

/// <summary>A folder of migrations and the database they are for.</summary>
internal sealed record Work(string Folder, string ConnectionString, bool Quiet)
{
    public const string Separator = "-- next migration\n";

    public bool IsSqlite => ConnectionString.StartsWith("Data Source=", StringComparison.Ordinal);

    public DbConnection Connect() => IsSqlite ? new SqliteConnection(ConnectionString) : new NpgsqlConnection(ConnectionString);

    /// <summary>The statements of each migration, for tools whose migrations are classes: one file, since a class needs none.</summary>
    public string[] Set() => File.ReadAllText(Path.Combine(Folder, "set.sql")).Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    public void Say(string text)
    {
        if (!Quiet)
            Console.WriteLine(text);
    }
}
