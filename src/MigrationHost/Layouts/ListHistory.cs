using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A history that has a row for each migration, and no more than its id and perhaps when it was applied.</summary>
/// <param name="place">The tool's table, or the one that its user has named.</param>
/// <param name="owner">The tool.</param>
/// <param name="table">What the tool calls the table.</param>
/// <param name="time">The column with the time; null where there is none.</param>
internal abstract class ListHistory(HistoryPlace place, string owner, string table, string? time) : ToolHistory(place)
{
    public override string Owner => owner;

    public override string? Condition => "version = $1";

    protected override string DefaultTable => table;

    public override IReadOnlyList<string> Columns(SqlDialect dialect) =>
        time is null ? ["version"] : ["version", ServerTime(dialect, time)];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) => rows.Select(row => new HistoryEntry
    {
        Version = row.Text(0),
        State = HistoryState.Applied,
        AppliedAt = time is null ? null : row.AnyTime(1),
    });

    public override HistoryEntry Kept(HistoryEntry entry) => new() { Version = entry.Version, State = entry.State };

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
        [new SqlCommand($"INSERT INTO {table} (version) VALUES ($1)", entry.Version)];

    public override SqlCommand Forget(string table, string version) => new($"DELETE FROM {table} WHERE version = $1", version);
}
