using System.Globalization;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The pragmas that give a file its form. Inside a transaction SQLite takes them, changes nothing, and says nothing about it.
/// </summary>
/// <remarks><see href="https://www.sqlite.org/pragma.html#pragma_auto_vacuum"/></remarks>
internal static class SqliteFileForm
{
    private static readonly string[] Modes = ["NONE", "FULL", "INCREMENTAL"];

    /// <summary>What of a pragma that has just run has not come true, in words; null if the file is as it says.</summary>
    /// <param name="sqlite">The connection.</param>
    /// <param name="pragma">The pragma, in lower case; null for another statement.</param>
    /// <param name="value">What it sets; null if it only asks.</param>
    public static string? Missed(RawSqlite sqlite, string? pragma, string? value)
    {
        if (value is null || pragma is not ("page_size" or "auto_vacuum"))
            return null;
        var asked = Array.FindIndex(Modes, mode => mode.Equals(value, StringComparison.OrdinalIgnoreCase));
        if (asked < 0 && !int.TryParse(value, CultureInfo.InvariantCulture, out asked))
            return null;
        return sqlite.Query($"PRAGMA main.{pragma}", row => raw.sqlite3_column_int(row, 0)) is [var now] && now == asked ? null
            : $"PRAGMA {pragma} has changed nothing, because it is inside a transaction. Put it, with VACUUM behind it, "
                + "into a migration of its own whose first line is: -- migrationhost: transaction=none";
    }
}
