using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>One table of the history in an SQLite file.</summary>
/// <param name="form">How it is kept.</param>
internal sealed class SqliteHistoryTable(IHistoryForm form)
{
    private const string NoTable = "no such table";
    private const string NoColumn = "no such column";

    private static readonly SqliteDialect Dialect = SqliteDialect.Instance;

    private readonly string _columns = string.Join(", ", form.Columns(Dialect));

    private string Quoted => $"main.\"{form.Table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public ClientScript ForClient => new SqliteClientScript(form, Quoted);

    /// <summary>All that it says; nothing if there is no table yet.</summary>
    public List<HistoryEntry> Read(RawSqlite sqlite) => Select(sqlite, "");

    /// <summary>What it says of one migration.</summary>
    public List<HistoryEntry> Find(RawSqlite sqlite, string version) =>
        form.Condition is not { } condition ? Read(sqlite)
        : IsEmpty(sqlite, condition, version) ? []
        : Select(sqlite, $" WHERE {condition}", version);

    /// <summary>How many rows there are; null if there is no table. SQLite counts them page by page, without a look at each.</summary>
    public long? Count(RawSqlite sqlite) =>
        Rows(sqlite, "count(*)", Number)?[0];

    /// <summary>How many rows of our own form, whose first column is the key, there are for these migrations.</summary>
    public long? Count(RawSqlite sqlite, IReadOnlyList<string> versions)
    {
        var (key, any) = (form.Columns(Dialect)[0], string.Join(", ", versions.Select((_, i) => $"${i + 1}")));
        return Rows(sqlite, "count(*)", Number, $" WHERE {key} IN ({any})", [.. versions])?[0];
    }

    /// <summary>What records a migration; the table is made if there is none.</summary>
    public IReadOnlyList<SqlCommand> ToWrite(RawSqlite sqlite, HistoryEntry entry) =>
        ToWrite(sqlite, entry, Exists(sqlite), isNew: false);

    /// <inheritdoc cref="ToWrite(RawSqlite, HistoryEntry)"/>
    /// <param name="sqlite">The file.</param>
    /// <param name="entry">What the history is to say.</param>
    /// <param name="exists">Whether there is a table.</param>
    /// <param name="isNew">Whether it says nothing of the migration yet.</param>
    public IReadOnlyList<SqlCommand> ToWrite(RawSqlite sqlite, HistoryEntry entry, bool exists, bool isNew)
    {
        if (!exists)
            Execute(sqlite, form.Create(Dialect, Quoted));
        else if (form.AddColumn(Dialect, Quoted, entry) is { } add && !Has(sqlite, form.LateColumn!))
            sqlite.Execute(add);
        return isNew ? form.Add(Dialect, Quoted, entry) : form.Write(Dialect, Quoted, entry);
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

    // Nearly always, and said by the key alone.
    private bool IsEmpty(RawSqlite sqlite, string condition, string version) =>
        Rows(sqlite, "1", row => row, $" WHERE {condition} LIMIT 1", version) is null or [];

    private bool Exists(RawSqlite sqlite) => Ours(sqlite, " LIMIT 0") is not null;

    private bool Has(RawSqlite sqlite, string column) => Unless(NoColumn, () => Rows(sqlite, column, Row, " LIMIT 0")) is not null;

    // The late column is nearly always there: it is asked for at once.
    private List<HistoryEntry> Select(RawSqlite sqlite, string where, params object?[] values)
    {
        var rows = form.LateColumn is { } late
            ? Unless(NoColumn, () => Rows(sqlite, $"{_columns}, {late}", Row, where, values))
            : null;
        return [.. form.Read(rows ?? Ours(sqlite, where, values) ?? [])];
    }

    private List<HistoryRow>? Ours(RawSqlite sqlite, string where, params object?[] values)
    {
        try
        {
            return Rows(sqlite, _columns, Row, where, values);
        }
        catch (SqliteFailure foreign) when (Says(NoColumn, foreign))
        {
            throw HistoryTable.NotOurs(form, foreign.Message);
        }
    }

    // Whether there is a table, compiling a query says from the schema that SQLite has in memory: a look into sqlite_master would read all
    // of it, for every migration.
    private List<T>? Rows<T>(RawSqlite sqlite, string columns, Func<sqlite3_stmt, T> read, string where = "", params object?[] values) =>
        Unless(NoTable, () => sqlite.Query($"SELECT {columns} FROM {Quoted}{where}", read, values));

    private static List<T>? Unless<T>(string missing, Func<List<T>?> ask)
    {
        try
        {
            return ask();
        }
        catch (SqliteFailure failure) when (Says(missing, failure))
        {
            return null;
        }
    }

    private static bool Says(string missing, SqliteFailure failure) =>
        failure.Code == raw.SQLITE_ERROR && failure.Message.StartsWith(missing, StringComparison.Ordinal);

    private static long Number(sqlite3_stmt row) => raw.sqlite3_column_int64(row, 0);

    private static HistoryRow Row(sqlite3_stmt row) => new(Dialect, RawSqlite.Values(row));
}
