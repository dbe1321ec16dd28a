using System.Text.Json.Serialization;

namespace MigrationHost;

/// <summary>The kind of database.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DatabaseProvider>))]
public enum DatabaseProvider
{
    /// <summary>SQLite, in the process itself.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, version 12 or later.</summary>
    PostgreSql,

    /// <summary>Another one, which only an Entity Framework Core context knows: EF Core's own <c>Migrate</c> runs.</summary>
    Other,

    /// <summary>A MariaDB server, version 10.6 or later, or a MySQL server, version 8.0 or later.</summary>
    MySql,
}
