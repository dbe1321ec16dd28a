using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>morph's history: a row for each migration with its name.</summary>
/// <remarks><see href="https://github.com/mattermost/morph/tree/master/drivers"/></remarks>
internal sealed class MorphHistory(HistoryPlace place) : ToolHistory(place)
{
    public override string Owner => Tool.Morph;

    public override string? Condition => "version = CAST($1 AS bigint)";

    protected override string DefaultTable => "db_migrations";

    /// <remarks>Its program chooses the row's id; a row counts until the second that it names: <see
    /// href="https://github.com/mattermost/morph/blob/master/drivers/postgres/lock.go"/></remarks>
    public override (string Table, string Counts)? LockRows => ("db_lock", "expireat > extract(epoch FROM now())");

    public override IReadOnlyList<string> Columns(SqlDialect dialect) => ["version", "name"];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) =>
        rows.Select(row => new HistoryEntry { Version = row.Text(0), Description = row.Text(1), State = HistoryState.Applied });

    public override HistoryEntry Kept(HistoryEntry entry) =>
        new() { Version = entry.Version, Description = entry.Description, State = entry.State };

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
        [$"CREATE TABLE {table} (version bigint NOT NULL PRIMARY KEY, name varchar NOT NULL)"];

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
        [new SqlCommand($"INSERT INTO {table} (version, name) VALUES (CAST($1 AS bigint), $2)", entry.Version, entry.Description)];

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE version = CAST($1 AS bigint)", version);
}
