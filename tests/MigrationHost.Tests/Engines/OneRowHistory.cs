using MigrationHost.Scripts;

namespace MigrationHost.Tests.Engines;

/// <summary>A history of one row: everything up to its version is applied.</summary>
internal sealed class OneRowHistory : IHistoryForm
{
    public string Table => "up to";

    public string? Condition => null;

    public bool RecordsBegun => false;

    public IReadOnlyList<string> Columns(SqlDialect dialect) => ["one", "version"];

    public HistoryEntry Read(HistoryRow row) => UpTo(row.Text(1));

    public HistoryEntry Kept(HistoryEntry entry) => UpTo(entry.Version);

    public SqlCommand Create(SqlDialect dialect, string table) =>
        $"CREATE TABLE {table} (one {dialect.Integer} PRIMARY KEY, version {dialect.Text} NOT NULL)";

    public SqlCommand Write(SqlDialect dialect, string table, HistoryEntry entry) =>
        new(dialect.Upsert(table, "one", Columns(dialect)), 1, entry.Version);

    public SqlCommand Forget(string table, string version) => new($"DELETE FROM {table} WHERE version = $1", version);

    private static HistoryEntry UpTo(string version) => new() { Version = version, State = HistoryState.Applied, AndAllBefore = true };
}
