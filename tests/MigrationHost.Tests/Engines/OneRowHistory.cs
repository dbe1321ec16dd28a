using MigrationHost.Scripts;

namespace MigrationHost.Tests.Engines;

/// <summary>A history of one row: everything up to its version is applied.</summary>
internal sealed class OneRowHistory : IHistoryForm
{
    public string Owner => "the tests";

    public string Table => "up to";

    public string? Condition => null;

    public bool MarksBegun => false;

    public IReadOnlyList<string> Columns(SqlDialect dialect) => ["one", "version"];

    public IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) => rows.Select(row => UpTo(row.Text(1)));

    public HistoryEntry Kept(HistoryEntry entry) => UpTo(entry.Version);

    public IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
        [$"CREATE TABLE {table} (one {dialect.Integer} PRIMARY KEY, version {dialect.Text} NOT NULL)"];

    public IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
        [new(dialect.Upsert(table, "one", Columns(dialect)), 1, entry.Version)];

    public SqlCommand Forget(string table, string version) => new($"DELETE FROM {table} WHERE version = $1", version);

    private static HistoryEntry UpTo(string version) => new() { Version = version, State = HistoryState.Applied, AndAllBefore = true };
}
