namespace MigrationHost;

/// <summary>The kind of database.</summary>
public enum DatabaseProvider
{
    /// <summary>SQLite, in the process itself.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, version 12 or later.</summary>
    PostgreSql,
}
