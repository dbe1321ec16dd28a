using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>One table of the history in an SQLite file.</summary>
/// <param name="form">How it is kept.</param>
internal sealed class SqliteHistoryTable(IHistoryForm form)
{
    private static readonly SqliteDialect Dialect = SqliteDialect.Instance;

    private readonly string _columns = string.Join(", ", form.Columns(Dialect));

    private string Quoted => $"main.\"{form.Table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public ClientScript ForClient => new SqliteClientScript(form, Quoted);

    /// <summary>All that it says; nothing if there is no table yet.</summary>
    public List<HistoryEntry> Read(RawSqlite sqlite) =>
        Exists(sqlite) ? Read(sqlite.Query($"SELECT {ColumnsIn(sqlite)} FROM {Quoted}", Row)) : [];

    /// <summary>What it says of one migration.</summary>
    public List<HistoryEntry> Find(RawSqlite sqlite, string version) =>
        form.Condition is not { } condition ? Read(sqlite)
        : Exists(sqlite) ? Read(sqlite.Query($"SELECT {ColumnsIn(sqlite)} FROM {Quoted} WHERE {condition}", Row, version))
        : [];

    /// <summary>How many rows there are. SQLite counts them page by page, without a look at each.</summary>
    public long Count(RawSqlite sqlite) =>
        Exists(sqlite) ? sqlite.Query($"SELECT count(*) FROM {Quoted}", row => raw.sqlite3_column_int64(row, 0))[0] : 0;

    /// <summary>What records a migration; the table is made if there is none.</summary>
    public IReadOnlyList<SqlCommand> ToWrite(RawSqlite sqlite, HistoryEntry entry)
    {
        if (!Exists(sqlite))
            Execute(sqlite, form.Create(Dialect, Quoted));
        else if (form.AddColumn(Dialect, Quoted, entry) is { } add && !Has(sqlite, form.LateColumn!))
            sqlite.Execute(add);
        return form.Write(Dialect, Quoted, entry);
    }

    /// <summary>What puts another checksum into the row of a migration.</summary>
    public IReadOnlyList<SqlCommand> ToCorrect(HistoryEntry entry) => form.Correct(Dialect, Quoted, entry);

    public void Delete(RawSqlite sqlite, string version)
    {
        if (Exists(sqlite))
            sqlite.Execute(form.Forget(Quoted, version));
    }

    public static void Execute(RawSqlite sqlite, IReadOnlyList<SqlCommand> commands)
    {
        foreach (var command in commands)
            sqlite.Execute(command);
    }

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
            throw HistoryTable.NotOurs(form, foreign.Message);
        }
    }

    private string ColumnsIn(RawSqlite sqlite) => form.LateColumn is { } late && Has(sqlite, late) ? $"{_columns}, {late}" : _columns;

    private bool Has(RawSqlite sqlite, string column)
    {
        try
        {
            sqlite.Execute($"SELECT {column} FROM {Quoted} LIMIT 0");
            return true;
        }
        catch (SqliteFailure missing) when (missing.Code == raw.SQLITE_ERROR
            && missing.Message.StartsWith("no such column", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private List<HistoryEntry> Read(List<HistoryRow> rows) => [.. form.Read(rows)];

    private static HistoryRow Row(sqlite3_stmt row) => new(Dialect, RawSqlite.Values(row));
}
