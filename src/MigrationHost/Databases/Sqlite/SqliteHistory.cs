using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The history in an SQLite file: the table of its form and, where that cannot say it, the journal of what was begun.</summary>
/// <param name="form">How it is kept.</param>
internal sealed class SqliteHistory(IHistoryForm form)
{
    private readonly SqliteHistoryTable? _journal = form.Journal is { } journal ? new SqliteHistoryTable(journal) : null;

    public IHistoryForm Form => form;

    public SqliteHistoryTable Table { get; } = new(form);

    /// <summary>The table's name, not quoted.</summary>
    public string TableName => form.Table;

    /// <summary>All of it; nothing if there is no table yet.</summary>
    public List<HistoryEntry> Read(RawSqlite sqlite) => With(sqlite, Table.Read(sqlite));

    /// <summary>What it says of one migration.</summary>
    public List<HistoryEntry> Find(RawSqlite sqlite, string version) => With(sqlite, Table.Find(sqlite, version));

    /// <summary>Notes in the journal what of a migration belongs there.</summary>
    public void Note(RawSqlite sqlite, HistoryEntry entry)
    {
        if (entry.State == HistoryState.Applied)
            _journal?.Delete(sqlite, entry.Version);
        else if (_journal is not null)
            SqliteHistoryTable.Execute(sqlite, _journal.ToWrite(sqlite, entry));
    }

    public void Delete(RawSqlite sqlite, string version)
    {
        Table.Delete(sqlite, version);
        _journal?.Delete(sqlite, version);
    }

    private List<HistoryEntry> With(RawSqlite sqlite, List<HistoryEntry> kept) =>
        _journal is null ? kept : HistoryMerge.Of(form, kept, _journal.Read(sqlite));
}
