using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Diesel's history: the version of each folder, without dashes.</summary>
/// <remarks><see href="https://github.com/diesel-rs/diesel/blob/master/diesel/src/migration/setup_migration_table.sql"/></remarks>
internal sealed class DieselHistory(HistoryPlace place) : ListHistory(place, Tool.Diesel, "__diesel_schema_migrations", "run_on")
{
    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
        [$"CREATE TABLE {table} (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"];
}
