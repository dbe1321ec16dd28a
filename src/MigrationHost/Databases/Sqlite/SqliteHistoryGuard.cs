using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Records migrations, and looks whether anything else has changed the history in the same transaction: a trigger that somebody put on
/// it, or a script that went past the authorizer.
/// </summary>
/// <remarks>
/// All rows are only compared if a script could have changed one without being seen. Otherwise it costs a count, whatever the history's
/// length; one for all that share a commit, since who finds anything else there rolls all of them back and looks after each.
/// </remarks>
internal sealed class SqliteHistoryGuard
{
    private readonly RawSqlite _sqlite;
    private readonly SqliteHistory _history;
    private readonly string _version;
    private readonly List<string> _joined;
    private long? _rows;
    private List<HistoryEntry>? _others;

    /// <param name="sqlite">The file, in a write transaction.</param>
    /// <param name="history">The history in it.</param>
    /// <param name="version">The migration's version.</param>
    public SqliteHistoryGuard(RawSqlite sqlite, SqliteHistory history, string version)
    {
        (_sqlite, _history, _version, _joined) = (sqlite, history, version, []);
        _rows = history.Table.Count(sqlite);
        Known = history.Find(sqlite, version);
    }

    private SqliteHistoryGuard(SqliteHistoryGuard before, string version)
    {
        (_sqlite, _history, _version, _joined, _rows) = (before._sqlite, before._history, version, before._joined, before._rows);
        _joined.Add(version);
        Known = [];
    }

    /// <summary>What the history says of the migration.</summary>
    public IReadOnlyList<HistoryEntry> Known { get; }

    /// <summary>Whether the history has a row for each migration that has joined, and none besides that it should not have.</summary>
    public bool HasAllThatJoined => _joined.Count == 0
        || _history.Table.Count(_sqlite) == _rows && _history.Table.Count(_sqlite, _joined) == _joined.Count;

    /// <summary>The guard of the next migration in the same transaction. Nothing is looked up: the history's key refuses a row for what is
    /// recorded already.</summary>
    public SqliteHistoryGuard Join(string version) => new(this, version);

    /// <summary>
    /// A statement comes after which others may change the schema by hand, where the authorizer does not see which table they mean.
    /// </summary>
    public void Remember() => _others ??= Others();

    /// <summary>Records a migration.</summary>
    /// <returns>Why the history is not what it was with this record; null if it is.</returns>
    /// <exception cref="SqliteFailure">It could not be written.</exception>
    public string? Write(HistoryEntry entry)
    {
        var writes = HistoryMerge.Keeps(_history.Form, entry);
        if (HaveOthersChanged(isCounted: writes))
            return OthersChanged;
        _history.Note(_sqlite, entry);
        return writes
            ? WriteInTable(_history.Table.ToWrite(_sqlite, entry, _rows is not null, isNew: Known.Count == 0), _history.Form.Kept(entry))
            : null;
    }

    /// <summary>Puts another checksum into the row of a migration.</summary>
    /// <inheritdoc cref="Write"/>
    public string? Correct(HistoryEntry entry) =>
        HaveOthersChanged(isCounted: true) ? OthersChanged : WriteInTable(_history.Table.ToCorrect(entry), entry);

    /// <summary>Takes back what is recorded of a migration.</summary>
    public void Forget(string forgotten)
    {
        _history.Delete(_sqlite, forgotten);
        _rows = _history.Table.Count(_sqlite);
    }

    private string OthersChanged => $"{_history.TableName} has lost or gained rows, or has others than before";

    // What is written next is counted with what was there before.
    private bool HaveOthersChanged(bool isCounted) => _others is null
        ? !isCounted && _history.Table.Count(_sqlite) != _rows
        : _history.Table.Count(_sqlite) != _rows || !_others.SequenceEqual(Others());

    private string? WriteInTable(IReadOnlyList<SqlCommand> commands, HistoryEntry kept)
    {
        if (_joined.Count > 0)
            return WriteJoined(commands);
        var table = _history.Table;
        var (changes, more) = (0, 0);
        // A tool's table may be made with a row in it.
        var before = _rows ?? table.Count(_sqlite) ?? 0;
        raw.sqlite3_update_hook(_sqlite.Handle, (object _, int kind, utf8z _, utf8z name, long _) => Count(kind, name), null);
        try
        {
            SqliteHistoryTable.Execute(_sqlite, commands);
        }
        catch (SqliteFailure refused) when (refused.Code is raw.SQLITE_CONSTRAINT or raw.SQLITE_ERROR)
        {
            return $"a trigger on {_history.TableName} refused the migration's row: {refused.Message}";
        }
        finally
        {
            raw.sqlite3_update_hook(_sqlite.Handle, (delegate_update?)null, null);
        }

        _rows = table.Count(_sqlite);
        return !IsWritten(kept) ? $"{_history.TableName} does not have the migration's row as it was written"
            : changes > commands.Count ? $"a trigger on {_history.TableName} changed it when the migration's row was written"
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

    // If it has not just added a row, the migration is run alone, and what is the matter is found there.
    private string? WriteJoined(IReadOnlyList<SqlCommand> commands)
    {
        var before = raw.sqlite3_total_changes(_sqlite.Handle);
        try
        {
            SqliteHistoryTable.Execute(_sqlite, commands);
        }
        catch (SqliteFailure refused) when (refused.Code is raw.SQLITE_CONSTRAINT or raw.SQLITE_ERROR)
        {
            return OthersChanged;
        }
        _rows++;
        return raw.sqlite3_total_changes(_sqlite.Handle) - before == 1 ? null : OthersChanged;
    }

    private bool IsWritten(HistoryEntry kept) =>
        _history.Table.Find(_sqlite, kept.Version).Exists(row => row with { AppliedAt = null } == kept with { AppliedAt = null });

    private List<HistoryEntry> Others() => [
        .. _history.Table.Read(_sqlite).Where(entry => entry.Version != _version).OrderBy(entry => entry.Version, StringComparer.Ordinal)];

    private bool Is(utf8z table) => _history.TableName.Equals(table.utf8_to_string(), StringComparison.OrdinalIgnoreCase);
}
