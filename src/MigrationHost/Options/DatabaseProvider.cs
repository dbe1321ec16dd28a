namespace MigrationHost;

/// <summary>The kind of database.</summary>
public enum DatabaseProvider
{
    /// <summary>SQLite, in the process itself.</summary>
    Sqlite,
}
