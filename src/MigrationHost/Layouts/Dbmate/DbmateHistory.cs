using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>dbmate's history: the digits of each file's name, as text.</summary>
/// <remarks><see href="https://github.com/amacneil/dbmate/tree/main/pkg/driver"/></remarks>
internal sealed class DbmateHistory(HistoryPlace place) : ListHistory(place, Tool.Dbmate, "schema_migrations", null)
{
    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
        [$"CREATE TABLE {table} (version {dialect.By("varchar(128)", "varchar", "varchar(128)")} PRIMARY KEY)"];
}
