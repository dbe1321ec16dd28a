using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>What an SQLite file has besides our own table.</summary>
internal static class SqliteNames
{
    /// <summary>A column's values as text; none if there is no such table.</summary>
    public static List<string> Column(RawSqlite sqlite, string schema, string table, string column)
    {
        var exists = sqlite.Query(
            $"SELECT 1 FROM {Quoted(schema)}.sqlite_master WHERE type IN ('table', 'view') AND name = ?",
            _ => true,
            table).Count > 0;
        return exists ? sqlite.Query($"SELECT {Quoted(column)} FROM {Quoted(schema)}.{Quoted(table)} ORDER BY 1", row => Text(row)) : [];
    }

    /// <summary>
    /// Tables and views besides the history. A virtual table is not asked for its columns: its module may be missing here.
    /// </summary>
    public static List<ExistingTable> Tables(RawSqlite sqlite, string history) => sqlite.Query(
        $"""
        SELECT name, CASE WHEN rootpage > 0 THEN (SELECT group_concat(name, char(10)) FROM pragma_table_info(master.name, 'main')) END
        FROM main.sqlite_master AS master
        WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND lower(name) <> lower(?)
        ORDER BY name
        """,
        row => new ExistingTable(Text(row), Text(row, 1).Split('\n', StringSplitOptions.RemoveEmptyEntries)),
        history);

    public static List<string> All(RawSqlite sqlite) => sqlite.Query(
        $"""
        SELECT type || ' ' || name FROM main.sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'
        UNION ALL
        SELECT 'column ' || master.name || '.' || info.name FROM main.sqlite_master AS master, pragma_table_info(master.name) AS info
        WHERE master.type = 'table' AND master.name NOT LIKE 'sqlite\_%' ESCAPE '\'
        """,
        row => Text(row));

    private static string Text(sqlite3_stmt row, int column = 0) => raw.sqlite3_column_text(row, column).utf8_to_string() ?? "";

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
