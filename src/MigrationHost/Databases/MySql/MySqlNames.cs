using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>What a database has besides our own tables.</summary>
internal static class MySqlNames
{
    /// <summary>Tables and views of the connection's database that are not ours, and those of the given names in any database.</summary>
    public static async Task<List<ExistingTable>> TablesAsync(
        MySqlSession session, IReadOnlyCollection<string> everywhere, CancellationToken cancellationToken)
    {
        var database = session.Database.Schema;
        var here = MySqlText.Literal(database);
        var names = everywhere.Count == 0 ? "NULL" : string.Join(", ", everywhere.Select(MySqlText.Literal));
        string[] ours = session.History.Schema == database
            ? [session.History.TableName, StatementRecords.TableName]
            : [StatementRecords.TableName];
        var found = await session.Work.QueryAsync(
            $"""
            SELECT t.table_name, t.table_schema, coalesce(c.column_name, '')
            FROM information_schema.tables AS t LEFT JOIN information_schema.columns AS c
              ON c.table_schema = t.table_schema AND c.table_name = t.table_name
            WHERE t.table_schema = {here} AND t.table_name NOT IN ({string.Join(", ", ours.Select(MySqlText.Literal))})
               OR t.table_schema <> {here} AND t.table_name IN ({names})
            ORDER BY t.table_name, t.table_schema, c.ordinal_position
            """,
            row => (Name: row.GetString(0), Schema: row.GetString(1), Column: row.GetString(2)),
            cancellationToken).ConfigureAwait(false);
        return
        [
            .. from row in found
               group row.Column by (row.Name, row.Schema) into table
               select new ExistingTable(table.Key.Name, [.. table]) { Elsewhere = table.Key.Schema != database },
        ];
    }

    /// <summary>A column's values as text; none if there is no such table.</summary>
    public static async Task<List<string>> ColumnAsync(
        MySqlLink link, string schema, string table, string column, CancellationToken cancellationToken)
    {
        var there = await link.QueryAsync(
            new SqlCommand("SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2", schema, table),
            _ => true,
            cancellationToken).ConfigureAwait(false);
        return there.Count == 0 ? [] : await link.QueryAsync(
            $"SELECT CAST({MySqlName.Quoted(column)} AS CHAR) FROM {MySqlName.Quoted(schema, table)} ORDER BY 1",
            row => row.IsDBNull(0) ? "" : row.GetString(0),
            cancellationToken).ConfigureAwait(false);
    }

    public static Task<List<string>> AllAsync(MySqlLink link, string database, CancellationToken cancellationToken)
    {
        var here = $"= {MySqlText.Literal(database)}";
        return link.QueryAsync(
            $"""
            SELECT CONCAT(IF(table_type LIKE '%VIEW', 'view ', 'table '), table_name)
            FROM information_schema.tables WHERE table_schema {here}
            UNION ALL SELECT CONCAT('column ', table_name, '.', column_name) FROM information_schema.columns WHERE table_schema {here}
            UNION ALL SELECT DISTINCT CONCAT('index ', table_name, '.', index_name)
            FROM information_schema.statistics WHERE table_schema {here}
            UNION ALL SELECT CONCAT(LOWER(routine_type), ' ', routine_name) FROM information_schema.routines WHERE routine_schema {here}
            UNION ALL SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema {here}
            """,
            row => row.GetString(0),
            cancellationToken);
    }
}
