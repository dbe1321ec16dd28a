using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Records migrations, and looks whether anything else has changed the history in the same transaction: a trigger that somebody put on
/// it, or a script that went past the authorizer.
/// </summary>
/// <remarks>
/// All rows are only compared if a script could have changed one without being seen. Otherwise it
/// costs a count, whatever the history's length.
/// </remarks>
internal sealed class SqliteHistoryGuard(RawSqlite sqlite, SqliteHistory history, string version)
{
    private long? _rows = history.Table.Count(sqlite);
    private List<HistoryEntry>? _others;

    /// <summary>What the history says of the migration.</summary>
    public IReadOnlyList<HistoryEntry> Known { get; } = history.Find(sqlite, version);

    /// <summary>
    /// A statement comes after which others may change the schema by hand, where the authorizer does not see which table they mean.
    /// </summary>
    public void Remember() => _others ??= Others();

    /// <summary>Records a migration.</summary>
    /// <returns>Why the history is not what it was with this record; null if it is.</returns>
    /// <exception cref="SqliteFailure">It could not be written.</exception>
    public string? Write(HistoryEntry entry)
    {
        if (HaveOthersChanged())
            return OthersChanged;
        history.Note(sqlite, entry);
        return HistoryMerge.Keeps(history.Form, entry)
            ? WriteInTable(history.Table.ToWrite(sqlite, entry, _rows is not null), history.Form.Kept(entry))
            : null;
    }

    /// <summary>Puts another checksum into the row of a migration.</summary>
    /// <inheritdoc cref="Write"/>
    public string? Correct(HistoryEntry entry) =>
        HaveOthersChanged() ? OthersChanged : WriteInTable(history.Table.ToCorrect(entry), entry);

    /// <summary>Takes back what is recorded of a migration.</summary>
    public void Forget(string forgotten)
    {
        history.Delete(sqlite, forgotten);
        _rows = history.Table.Count(sqlite);
    }

    private string OthersChanged => $"{history.TableName} has lost or gained rows, or has others than before";

    private bool HaveOthersChanged() =>
        history.Table.Count(sqlite) != _rows || _others is not null && !_others.SequenceEqual(Others());

    private string? WriteInTable(IReadOnlyList<SqlCommand> commands, HistoryEntry kept)
    {
        var table = history.Table;
        var (changes, more) = (0, 0);
        // A tool's table may be made with a row in it.
        var before = _rows ?? table.Count(sqlite) ?? 0;
        raw.sqlite3_update_hook(sqlite.Handle, (object _, int kind, utf8z _, utf8z name, long _) => Count(kind, name), null);
        try
        {
            SqliteHistoryTable.Execute(sqlite, commands);
        }
        catch (SqliteFailure refused) when (refused.Code is raw.SQLITE_CONSTRAINT or raw.SQLITE_ERROR)
        {
            return $"a trigger on {history.TableName} refused the migration's row: {refused.Message}";
        }
        finally
        {
            raw.sqlite3_update_hook(sqlite.Handle, (delegate_update?)null, null);
        }
        var written = table.Find(sqlite, kept.Version);
        _rows = table.Count(sqlite);
        return !written.Exists(row => row with { AppliedAt = null } == kept with { AppliedAt = null })
            ? $"{history.TableName} does not have the migration's row as it was written"
            : changes > commands.Count ? $"a trigger on {history.TableName} changed it when the migration's row was written"
            : _rows - before != more ? OthersChanged
            : null;

        void Count(int kind, utf8z name)
        {
            if (!Is(name))
                return;
            changes++;
            more += kind switch { raw.SQLITE_INSERT => 1, raw.SQLITE_DELETE => -1, _ => 0 };
        }
    }

    private List<HistoryEntry> Others() =>
        [.. history.Table.Read(sqlite).Where(entry => entry.Version != version).OrderBy(entry => entry.Version, StringComparer.Ordinal)];

    private bool Is(utf8z table) => history.TableName.Equals(table.utf8_to_string(), StringComparison.OrdinalIgnoreCase);
}
