using System.Text.Json.Serialization;

namespace MigrationHost;

/// <summary>What applies the migrations.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EngineKind>))]
public enum EngineKind
{
    /// <summary>MigrationHost's own engine: the SQL files of a folder.</summary>
    Sql,

    /// <summary>Alembic: <see cref="DatabaseOptions.Alembic"/>.</summary>
    Alembic,

    /// <summary>Any external tool: <see cref="DatabaseOptions.Command"/>.</summary>
    Command,

    /// <summary>The migrations of an Entity Framework Core context, which is registered in code:
    /// <c>AddMigrationHost(configuration).AddEntityFramework&lt;TContext&gt;()</c>.</summary>
    EntityFramework,
}
