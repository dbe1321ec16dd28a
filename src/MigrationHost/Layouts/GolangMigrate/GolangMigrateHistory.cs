using System.Globalization;
using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>golang-migrate's history: one row, the version that everything up to is applied; dirty while one is under way.</summary>
/// <remarks><see href="https://github.com/golang-migrate/migrate/blob/master/database/postgres/postgres.go"/>, sqlite3.go,
/// mysql.go</remarks>
internal sealed class GolangMigrateHistory(HistoryPlace place) : ToolHistory(place)
{
    private const uint LockSalt = 1486364155;

    public override string Owner => Tool.GolangMigrate;

    public override string? Condition => null;

    public override bool MarksBegun => true;

    protected override string DefaultTable => "schema_migrations";

    // By its address it knows a database with the slash before the name, and otherwise without.
    public override IReadOnlyList<long> Locks(string database, string schema) =>
        [LockOf(database, schema, Table), LockOf($"/{database}", schema, Table)];

    public override IReadOnlyList<string> NamedLocks(string database, string schema) =>
        [LockOf($"{database}:{Table}").ToString(CultureInfo.InvariantCulture)];

    /// <remarks><see href="https://github.com/golang-migrate/migrate/blob/master/database/util.go"/></remarks>
    public static long LockOf(string database, params ReadOnlySpan<string> additional) =>
        unchecked(Crc32.Of(Encoding.UTF8.GetBytes(string.Join('\0', [.. additional, database]))) * LockSalt);

    public override IReadOnlyList<string> Columns(SqlDialect dialect) => ["version", "dirty"];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) => rows switch
    {
        [] => [],
        [var row] => [Entry(row.Text(0), row.Flag(1))],
        _ => throw HistoryTable.Damaged(Table, "it has more than one row"),
    };

    public override HistoryEntry Kept(HistoryEntry entry) => Entry(entry.Version, entry.State == HistoryState.Started);

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table)
    {
        SqlCommand[] elsewhere = [$"CREATE TABLE {table} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"];
        return dialect.By<SqlCommand[]>(
            [
                $"CREATE TABLE {table} (version uint64, dirty bool)",
                $"CREATE UNIQUE INDEX IF NOT EXISTS main.version_unique ON \"{Table}\" (version)",
            ],
            elsewhere,
            elsewhere);
    }

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
    [
        $"DELETE FROM {table} WHERE TRUE",
        new SqlCommand(
            $"INSERT INTO {table} (version, dirty) VALUES ({Number("$1")}, {(entry.State == HistoryState.Started ? "TRUE" : "FALSE")})",
            entry.Version),
    ];

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE version = {Number("$1")}", version);

    private HistoryEntry Entry(string version, bool dirty) => new()
    {
        Version = version,
        State = dirty ? HistoryState.Started : HistoryState.Applied,
        AndAllBefore = true,
        Mark = dirty ? $"{Table}: version {version}, dirty" : null,
    };
}
