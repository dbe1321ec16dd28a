using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The history in an SQLite file.</summary>
/// <param name="form">How it is kept.</param>
internal sealed class SqliteHistory(IHistoryForm form)
{
    private static readonly SqliteDialect Dialect = SqliteDialect.Instance;

    private readonly string _columns = string.Join(", ", form.Columns(Dialect));

    private readonly SqliteHistory? _journal = form.Journal is { } journal ? new SqliteHistory(journal) : null;

    public IHistoryForm Form => form;

    /// <summary>The table's name, not quoted.</summary>
    public string Table => form.Table;

    private string Quoted => $"main.\"{form.Table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>All of it; nothing if there is no table yet.</summary>
    public List<HistoryEntry> Read(RawSqlite sqlite) =>
        WithBegun(Exists(sqlite) ? sqlite.Query($"SELECT {_columns} FROM {Quoted}", Entry) : [], _journal?.Read(sqlite));

    /// <summary>What it says of one migration.</summary>
    public List<HistoryEntry> Find(RawSqlite sqlite, string version) =>
        form.Condition is not { } condition ? Read(sqlite) : WithBegun(
            Exists(sqlite) ? sqlite.Query($"SELECT {_columns} FROM {Quoted} WHERE {condition}", Entry, version) : [],
            _journal?.Find(sqlite, version));

    /// <summary>How many rows there are. SQLite counts them page by page, without a look at each.</summary>
    public long Count(RawSqlite sqlite) => (_journal?.Count(sqlite) ?? 0) + CountOwn(sqlite);

    /// <summary>Records a migration, and makes the table if there is none.</summary>
    public void Write(RawSqlite sqlite, HistoryEntry entry)
    {
        if (_journal is not null && entry.State == HistoryState.Started)
        {
            _journal.Write(sqlite, entry);
            return;
        }
        _journal?.Delete(sqlite, entry.Version);
        if (!Exists(sqlite))
            sqlite.Execute(form.Create(Dialect, Quoted));
        sqlite.Execute(form.Write(Dialect, Quoted, entry));
    }

    public void Delete(RawSqlite sqlite, string version)
    {
        _journal?.Delete(sqlite, version);
        if (Exists(sqlite))
            sqlite.Execute(form.Forget(Quoted, version));
    }

    private long CountOwn(RawSqlite sqlite) =>
        Exists(sqlite) ? sqlite.Query($"SELECT count(*) FROM {Quoted}", row => raw.sqlite3_column_int64(row, 0))[0] : 0;

    // What the table has as applied is applied, whatever was begun.
    private static List<HistoryEntry> WithBegun(List<HistoryEntry> entries, List<HistoryEntry>? journal) => journal is null ? entries :
    [
        .. entries,
        .. journal.Where(begun => begun.State == HistoryState.Started && entries.TrueForAll(entry => entry.Version != begun.Version)),
    ];

    // Asks the schema that SQLite has in memory: a look into sqlite_master would read all of it, for every migration.
    private bool Exists(RawSqlite sqlite)
    {
        try
        {
            sqlite.Execute($"SELECT {_columns} FROM {Quoted} LIMIT 0");
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

    private HistoryEntry Entry(sqlite3_stmt row) => form.Read(new HistoryRow(Dialect, RawSqlite.Values(row)));
}
