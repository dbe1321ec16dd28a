using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Records migrations, and looks whether anything else has changed the history in the same transaction: a
/// trigger that somebody put on it, or a script that went past the authorizer.</summary>
/// <remarks>All rows are only compared if a script could have changed one without being seen. Otherwise it costs a count, whatever the
/// history's length.</remarks>
internal sealed class SqliteHistoryGuard(RawSqlite sqlite, SqliteHistory history, string version)
{
    private long _rows = history.Count(sqlite);
    private List<HistoryEntry>? _others;

    /// <summary>What the history says of the migration.</summary>
    public IReadOnlyList<HistoryEntry> Known { get; } = history.Find(sqlite, version);

    /// <summary>A statement comes after which others may change the schema by hand, where the authorizer does not see which table they
    /// mean.</summary>
    public void Remember() => _others ??= Others();

    /// <summary>Records a migration.</summary>
    /// <returns>Why the history is not what it was with this record; null if it is.</returns>
    /// <exception cref="SqliteFailure">It could not be written.</exception>
    public string? Write(HistoryEntry entry)
    {
        var others = $"{history.Table} has lost or gained rows, or has others than before";
        if (history.Count(sqlite) != _rows || _others is not null && !_others.SequenceEqual(Others()))
            return others;
        var (changes, told) = (0, history.Find(sqlite, entry.Version).Count);
        raw.sqlite3_update_hook(sqlite.Handle, (object _, int _, utf8z _, utf8z table, long _) => changes += Is(table) ? 1 : 0, null);
        try
        {
            history.Write(sqlite, entry);
        }
        catch (SqliteFailure refused) when (refused.Code == raw.SQLITE_CONSTRAINT)
        {
            return $"a trigger on {history.Table} refused the migration's row: {refused.Message}";
        }
        finally
        {
            raw.sqlite3_update_hook(sqlite.Handle, (delegate_update?)null, null);
        }
        var (rows, written, kept) = (_rows, history.Find(sqlite, entry.Version), history.Form.Kept(entry));
        _rows = history.Count(sqlite);
        return written.TrueForAll(row => (row with { AppliedAt = kept.AppliedAt }) != kept)
            ? $"{history.Table} does not have the migration's row as it was written"
            : changes > 1 ? $"a trigger on {history.Table} changed it when the migration's row was written"
            : _rows - rows != written.Count - told ? others
            : null;
    }

    private List<HistoryEntry> Others() =>
        [.. history.Read(sqlite).Where(entry => entry.Version != version).OrderBy(entry => entry.Version, StringComparer.Ordinal)];

    private bool Is(utf8z table) => history.Table.Equals(table.utf8_to_string(), StringComparison.OrdinalIgnoreCase);
}
