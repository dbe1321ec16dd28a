using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>refinery's history: a row for each migration with its name and SipHash-1-3 of name, version and script.</summary>
/// <param name="place">Where it is.</param>
/// <param name="width">How wide the versions are.</param>
/// <remarks><see href="https://github.com/rust-db/refinery/blob/main/refinery_core/src/traits/mod.rs"/></remarks>
internal sealed class RefineryHistory(HistoryPlace place, RefineryWidth width) : ToolHistory(place)
{
    public override string Owner => Tool.Refinery;

    public override string? Condition => $"version = {Number("$1")}";

    protected override string DefaultTable => "refinery_schema_history";

    public override IReadOnlyList<string> Columns(SqlDialect dialect) => ["version", "name", "applied_on", "checksum"];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows)
    {
        foreach (var row in rows)
            width.See(row.Text(0), row.Text(3));
        return rows.Select(row => new HistoryEntry
        {
            Version = row.Text(0),
            Description = row.Text(1),
            AppliedAt = row.AnyTime(2),
            Checksum = row.Text(3),
            State = HistoryState.Applied,
        });
    }

    public override HistoryEntry Kept(HistoryEntry entry) => new()
    {
        Version = entry.Version,
        Description = entry.Description,
        Checksum = width.Of(entry.Version, entry.Checksum),
        State = entry.State,
    };

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
    [
        $"CREATE TABLE {table} (version {(width.IsWide ? "INT8" : "INT4")} PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), "
            + "checksum VARCHAR(255))",
    ];

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
    [
        new SqlCommand(
            $"INSERT INTO {table} (version, name, applied_on, checksum) VALUES ({Number("$1")}, $2, $3, $4)",
            entry.Version,
            entry.Description,
            entry.AppliedAt!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture),
            width.Of(entry.Version, entry.Checksum)),
    ];

    public override IReadOnlyList<SqlCommand> Correct(SqlDialect dialect, string table, HistoryEntry entry) =>
    [
        new SqlCommand(
            $"UPDATE {table} SET checksum = $1 WHERE version = {Number("$2")}",
            width.Of(entry.Version, entry.Checksum),
            entry.Version),
    ];

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE version = {Number("$1")}", version);
}
