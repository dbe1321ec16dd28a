using System.Globalization;
using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The history table in an SQLite file.</summary>
internal static class SqliteHistory
{
    public const string Table = HistoryTable.Name;

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private const string Columns =
        "version, description, checksum, applied_at, duration_ms, applied_by, state, statements_done, done_checksum";

    /// <summary>All rows; none where there is no table yet.</summary>
    public static List<HistoryEntry> Read(RawSqlite sqlite) =>
        Exists(sqlite) ? sqlite.Query($"SELECT {Columns} FROM main.{Table}", Entry) : [];

    public static HistoryEntry? Find(RawSqlite sqlite, MigrationVersion version) =>
        Exists(sqlite)
            ? sqlite.Query($"SELECT {Columns} FROM main.{Table} WHERE version = ?", Entry, version.ToString()).SingleOrDefault()
            : null;

    /// <summary>How many rows there are. SQLite counts them page by page, without a look at each.</summary>
    public static long Count(RawSqlite sqlite) =>
        Exists(sqlite) ? sqlite.Query($"SELECT count(*) FROM main.{Table}", row => raw.sqlite3_column_int64(row, 0))[0] : 0;

    /// <summary>Writes a row in place of the one this version may have, and the table where there is none.</summary>
    public static void Write(RawSqlite sqlite, HistoryEntry entry)
    {
        if (!Exists(sqlite))
            Create(sqlite);
        sqlite.Execute(
            $"INSERT OR REPLACE INTO main.{Table} ({Columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            entry.Version.ToString(),
            entry.Description,
            entry.Checksum,
            entry.AppliedAt.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture),
            entry.DurationMs,
            entry.AppliedBy,
            entry.State == HistoryState.Applied ? "applied" : "started",
            entry.StatementsDone,
            entry.DoneChecksum);
    }

    public static void Delete(RawSqlite sqlite, MigrationVersion version) =>
        sqlite.Execute($"DELETE FROM main.{Table} WHERE version = ?", version.ToString());

    // Asks the schema that SQLite has in memory: a look into sqlite_master would read all of it, for every migration.
    private static bool Exists(RawSqlite sqlite)
    {
        try
        {
            sqlite.Execute($"SELECT {Columns} FROM main.{Table} LIMIT 0");
            return true;
        }
        catch (SqliteFailure missing) when (missing.Code == raw.SQLITE_ERROR
            && missing.Message.StartsWith("no such table", StringComparison.Ordinal))
        {
            return false;
        }
        catch (SqliteFailure foreign) when (foreign.Code == raw.SQLITE_ERROR
            && foreign.Message.StartsWith("no such column", StringComparison.Ordinal))
        {
            throw HistoryTable.NotOurs(foreign.Message);
        }
    }

    private static void Create(RawSqlite sqlite) => sqlite.Execute(
        $"""
        CREATE TABLE main.{Table} (
            version TEXT NOT NULL PRIMARY KEY,
            description TEXT NOT NULL,
            checksum TEXT NOT NULL,
            applied_at TEXT NOT NULL,
            duration_ms INTEGER NOT NULL,
            applied_by TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('applied', 'started')),
            statements_done INTEGER,
            done_checksum TEXT
        )
        """);

    private static HistoryEntry Entry(sqlite3_stmt row)
    {
        var text = Text(row, 0);
        if (!MigrationVersion.TryParse(text, out var version))
            throw HistoryTable.Damaged($"version '{text}' is no number");
        if (!DateTimeOffset.TryParseExact(
            Text(row, 3), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var appliedAt))
            throw HistoryTable.Damaged($"version {version} has '{Text(row, 3)}' for applied_at");
        return new HistoryEntry
        {
            Version = version,
            Description = Text(row, 1),
            Checksum = Text(row, 2),
            AppliedAt = appliedAt,
            DurationMs = raw.sqlite3_column_int64(row, 4),
            AppliedBy = Text(row, 5),
            State = Text(row, 6) == "started" ? HistoryState.Started : HistoryState.Applied,
            StatementsDone = raw.sqlite3_column_type(row, 7) == raw.SQLITE_NULL ? null : raw.sqlite3_column_int(row, 7),
            DoneChecksum = raw.sqlite3_column_type(row, 8) == raw.SQLITE_NULL ? null : Text(row, 8),
        };
    }

    private static string Text(sqlite3_stmt row, int column) => raw.sqlite3_column_text(row, column).utf8_to_string() ?? "";
}
