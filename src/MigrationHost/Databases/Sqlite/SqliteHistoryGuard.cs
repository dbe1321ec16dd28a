using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Writes history rows, and looks whether anything else has changed the history in the same transaction: a
/// trigger that somebody put on it, or a script that went past the authorizer.</summary>
/// <remarks>All rows are only compared if a script could have changed one without being seen. Otherwise it costs a count, whatever the
/// history's length.</remarks>
internal sealed class SqliteHistoryGuard(RawSqlite sqlite, MigrationVersion version)
{
    private readonly HistoryEntry? _known = SqliteHistory.Find(sqlite, version);
    private long _rows = SqliteHistory.Count(sqlite);
    private List<HistoryEntry>? _others;

    /// <summary>The row that the version has; null if it has none.</summary>
    public HistoryEntry? Known => _known;

    /// <summary>A statement comes after which others may change the schema by hand, where the authorizer does not see which table they
    /// mean.</summary>
    public void Remember() => _others ??= Others();

    /// <summary>Writes the row.</summary>
    /// <returns>Why the history is not what it was with this row; null if it is.</returns>
    /// <exception cref="SqliteFailure">It could not be written.</exception>
    public string? Write(HistoryEntry entry)
    {
        var (changes, before) = (0, SqliteHistory.Find(sqlite, entry.Version));
        raw.sqlite3_update_hook(sqlite.Handle, (object _, int _, utf8z _, utf8z table, long _) => changes += Is(table) ? 1 : 0, null);
        try
        {
            SqliteHistory.Write(sqlite, entry);
        }
        catch (SqliteFailure refused) when (refused.Code == raw.SQLITE_CONSTRAINT)
        {
            return $"a trigger on {SqliteHistory.Table} refused the migration's row: {refused.Message}";
        }
        finally
        {
            raw.sqlite3_update_hook(sqlite.Handle, (delegate_update?)null, null);
        }
        var written = SqliteHistory.Find(sqlite, entry.Version);
        _rows += before is null ? 1 : 0;
        return written is null || (written with { AppliedAt = entry.AppliedAt }) != entry
            ? $"{SqliteHistory.Table} does not have the migration's row as it was written"
            : changes > 1 ? $"a trigger on {SqliteHistory.Table} changed it when the migration's row was written"
            : SqliteHistory.Count(sqlite) != _rows || _others is not null && !_others.SequenceEqual(Others())
                ? $"{SqliteHistory.Table} has lost or gained rows, or has others than before"
            : null;
    }

    private List<HistoryEntry> Others() =>
        [.. SqliteHistory.Read(sqlite).Where(entry => entry.Version != version).OrderBy(entry => entry.Version)];

    private static bool Is(utf8z table) => SqliteHistory.Table.Equals(table.utf8_to_string(), StringComparison.OrdinalIgnoreCase);
}
