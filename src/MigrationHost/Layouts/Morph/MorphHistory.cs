using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>morph's history: a row for each migration with its name.</summary>
/// <remarks><see href="https://github.com/mattermost/morph/tree/master/drivers"/></remarks>
internal sealed class MorphHistory(HistoryPlace place) : ToolHistory(place)
{
    private const string LockTable = "db_lock";

    public override string Owner => Tool.Morph;

    public override string? Condition => $"version = {Number("$1")}";

    protected override string DefaultTable => "db_migrations";

    /// <remarks>Its program chooses the row's id; a row counts until the second that it names: <see
    /// href="https://github.com/mattermost/morph/blob/master/drivers/postgres/lock.go"/></remarks>
    public override (string Table, string Counts)? LockRows(SqlDialect dialect) =>
        (LockTable, dialect.By("", "expireat > extract(epoch FROM now())", "ExpireAt > UNIX_TIMESTAMP()"));

    public override IReadOnlyList<string> Companions { get; } = [LockTable];

    public override IReadOnlyList<string> Columns(SqlDialect dialect) => ["version", "name"];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) =>
        rows.Select(row => new HistoryEntry { Version = row.Text(0), Description = row.Text(1), State = HistoryState.Applied });

    public override HistoryEntry Kept(HistoryEntry entry) =>
        new() { Version = entry.Version, Description = entry.Description, State = entry.State };

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
    [
        dialect.By(
            $"CREATE TABLE {table} (version bigint NOT NULL PRIMARY KEY, name varchar NOT NULL)",
            $"CREATE TABLE {table} (version bigint NOT NULL PRIMARY KEY, name varchar NOT NULL)",
            $"CREATE TABLE {table} (Version bigint(20) NOT NULL, Name varchar(64) NOT NULL, PRIMARY KEY (Version)) "
                + "DEFAULT CHARSET=utf8mb4"),
    ];

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
        [new SqlCommand($"INSERT INTO {table} (version, name) VALUES ({Number("$1")}, $2)", entry.Version, entry.Description)];

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE version = {Number("$1")}", version);
}
