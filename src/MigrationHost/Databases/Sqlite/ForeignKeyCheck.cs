using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Finds foreign key violations that a script brings about while enforcement is off. Looks
/// only at tables that the script could have broken.
/// </summary>
internal static class ForeignKeyCheck
{
    /// <summary>Whether a touched table has violations at all, old or new: cheap, and nearly always the last word.</summary>
    public static bool MayHaveViolations(RawSqlite sqlite, SqliteAuthorizer script) =>
        Children(sqlite, script.Touched).Any(child => Detailed(sqlite, child).Count > 0);

    /// <summary>Every violation of the database, counted by what is violated: that shows which are old and which new.</summary>
    public static Dictionary<ForeignKeyViolation, long> All(RawSqlite sqlite)
    {
        var found = new Dictionary<ForeignKeyViolation, long>();
        foreach (var child in Keys(sqlite).Select(key => key.Child).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            foreach (var (violation, count, _) in Detailed(sqlite, child))
                found[violation] = found.GetValueOrDefault(violation) + count;
        }
        return found;
    }

    /// <summary>What the script broke, in words; empty if nothing is new.</summary>
    public static List<string> New(RawSqlite sqlite, SqliteAuthorizer script, Dictionary<ForeignKeyViolation, long> before) =>
    [
        .. from child in Children(sqlite, script.Touched)
           from found in Detailed(sqlite, child)
           where found.Count > before.GetValueOrDefault(found.Violation)
           select found.Violation.Describe(found.Count - before.GetValueOrDefault(found.Violation), found.FirstRow),
    ];

    public static string Describe(List<string> broken) =>
        $"leaves a foreign key violation that was not there before: {string.Join("; ", broken.Take(3))}"
            + (broken.Count > 3 ? $"; and {broken.Count - 3} more" : "");

    private static IEnumerable<string> Children(RawSqlite sqlite, IReadOnlyDictionary<string, HashSet<string>> touched) =>
        touched.Count == 0 ? [] : Keys(sqlite)
            .Where(key => Hits(touched, key.Child, key.From) || Hits(touched, key.Parent, key.To))
            .Select(key => key.Child)
            .Distinct(StringComparer.OrdinalIgnoreCase);

    // A key without named parent columns refers to the primary key, whichever that is.
    private static bool Hits(IReadOnlyDictionary<string, HashSet<string>> touched, string table, string? column) =>
        touched.TryGetValue(table, out var columns) && (column is null || columns.Contains("*") || columns.Contains(column));

    private static List<(string Child, string Parent, string From, string? To)> Keys(RawSqlite sqlite) => sqlite.Query(
        """
        SELECT m.name, k."table", k."from", k."to"
        FROM main.sqlite_master AS m, pragma_foreign_key_list(m.name, 'main') AS k WHERE m.type = 'table'
        """,
        row => (Text(row, 0)!, Text(row, 1)!, Text(row, 2)!, Text(row, 3)));

    private static List<(string Parent, long Key, bool HasRowId)> Violations(RawSqlite sqlite, string child) => sqlite.Query(
        "SELECT parent, fkid, max(rowid) IS NOT NULL FROM pragma_foreign_key_check(?, 'main') GROUP BY parent, fkid",
        row => (Text(row, 0)!, raw.sqlite3_column_int64(row, 1), raw.sqlite3_column_int(row, 2) != 0),
        child);

    private static List<(ForeignKeyViolation Violation, long Count, long? FirstRow)> Detailed(RawSqlite sqlite, string child)
    {
        try
        {
            return
            [
                .. from violation in Violations(sqlite, child)
                   from rows in Rows(sqlite, child, violation.Parent, violation.Key, violation.HasRowId)
                   select rows,
            ];
        }
        catch (SqliteFailure mismatch) when (mismatch.Code == raw.SQLITE_ERROR)
        {
            // A key that refers to columns which are not unique cannot be checked at all.
            return [(new ForeignKeyViolation(child, "", mismatch.Message, ""), 1, null)];
        }
    }

    // By the values that dangle, not by rowid: a table rebuild may number its rows anew.
    private static List<(ForeignKeyViolation, long, long?)> Rows(RawSqlite sqlite, string child, string parent, long key, bool hasRowId)
    {
        var columns = sqlite.Query(
            "SELECT \"from\" FROM pragma_foreign_key_list(?, 'main') WHERE id = ? ORDER BY seq",
            row => Text(row, 0)!,
            child,
            key);
        var names = string.Join(", ", columns);
        if (!hasRowId)
            return sqlite.Query(
                "SELECT count(*) FROM pragma_foreign_key_check(?, 'main') WHERE fkid = ?",
                row => (new ForeignKeyViolation(child, parent, names, ""), raw.sqlite3_column_int64(row, 0), (long?)null),
                child,
                key);
        var values = string.Join(" || ',' || ", columns.Select(column => $"quote(c.{Quoted(column)})"));
        return sqlite.Query(
            $"""
            SELECT {values}, count(*), min(v.rowid)
            FROM pragma_foreign_key_check(?, 'main') AS v JOIN main.{Quoted(child)} AS c ON c.rowid = v.rowid
            WHERE v.fkid = ? GROUP BY 1
            """,
            row => (
                new ForeignKeyViolation(child, parent, names, Text(row, 0) ?? ""),
                raw.sqlite3_column_int64(row, 1),
                (long?)raw.sqlite3_column_int64(row, 2)),
            child,
            key);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string? Text(sqlite3_stmt row, int column) => raw.sqlite3_column_text(row, column).utf8_to_string();
}
