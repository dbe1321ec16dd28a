using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>The history table of another tool. What it cannot say of a script outside a transaction is in ours.</summary>
/// <param name="place">The tool's table, or the one that its user has named.</param>
internal abstract class ToolHistory(HistoryPlace place) : IHistoryForm
{
    public abstract string Owner { get; }

    public string Table => place.Table ?? DefaultTable;

    public virtual string? Schema => place.Schema;

    public abstract string? Condition { get; }

    public IHistoryForm? Journal => OwnHistory.Form;

    public virtual bool MarksBegun => false;

    /// <summary>What the tool calls it unless told otherwise.</summary>
    protected abstract string DefaultTable { get; }

    public virtual IReadOnlyList<long> Locks(string database, string schema) => [];

    public virtual IReadOnlyList<string> NamedLocks(string database, string schema) => [];

    public virtual (string Table, string Counts)? LockRows(SqlDialect dialect) => null;

    public virtual IReadOnlyList<string> Companions => [];

    public abstract IReadOnlyList<string> Columns(SqlDialect dialect);

    public abstract IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows);

    public abstract HistoryEntry Kept(HistoryEntry entry);

    public abstract IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table);

    public abstract IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry);

    public virtual IReadOnlyList<SqlCommand> Correct(SqlDialect dialect, string table, HistoryEntry entry) => Write(dialect, table, entry);

    public abstract SqlCommand Forget(string table, string version);

    /// <summary>Text as a whole number of 64 bits: a cast that every database knows, whatever it calls the type.</summary>
    protected static string Number(string text) => $"CAST({text} AS decimal(20))";

    /// <summary>A column with the time at which the server wrote a row. MySQL gives such times in the time zone of the session, which may
    /// be any.</summary>
    protected static string ServerTime(SqlDialect dialect, string column) =>
        dialect.By(column, column, $"CAST(UNIX_TIMESTAMP({column}) * 1000 AS signed)");
}
