using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>sqlx's history: a row for each migration with SHA-384 of its file; a row without success is one that broke.</summary>
/// <remarks><see href="https://github.com/launchbadge/sqlx/blob/main/sqlx-postgres/src/migrate.rs"/>, sqlx-sqlite, sqlx-mysql</remarks>
internal sealed class SqlxHistory(HistoryPlace place) : ToolHistory(place)
{
    private const long LockFactor = 0x3d32ad9e;
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const string Now = "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP";

    public override string Owner => Tool.Sqlx;

    public override string? Condition => $"version = {Number("$1")}";

    public override bool MarksBegun => true;

    protected override string DefaultTable => "_sqlx_migrations";

    public override IReadOnlyList<long> Locks(string database, string schema) => [LockOf(database)];

    public override IReadOnlyList<string> NamedLocks(string database, string schema) => [$"{LockOf(database):x}"];

    public override IReadOnlyList<string> Columns(SqlDialect dialect) =>
        ["version", "description", ServerTime(dialect, "installed_on"), "success", "checksum", "execution_time"];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) =>
        from row in rows
        select Entry(row.Text(0), row.Flag(3)) with
        {
            Description = row.Text(1),
            AppliedAt = row.AnyTime(2),
            Checksum = row.Hex(4),
            DurationMs = row.Long(5) < 0 ? null : row.Long(5) / NanosecondsPerMillisecond,
        };

    public override HistoryEntry Kept(HistoryEntry entry) => Entry(entry.Version, entry.State == HistoryState.Applied) with
    {
        Description = entry.Description,
        Checksum = entry.Checksum,
        DurationMs = entry.DurationMs,
    };

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
    [
        $"""
        CREATE TABLE {table} (
            version BIGINT PRIMARY KEY,
            description TEXT NOT NULL,
            installed_on {dialect.By(Now, "TIMESTAMPTZ NOT NULL DEFAULT now()", Now)},
            success BOOLEAN NOT NULL,
            checksum {dialect.By("BLOB", "BYTEA", "BLOB")} NOT NULL,
            execution_time BIGINT NOT NULL
        )
        """,
    ];

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
    [
        Forget(table, entry.Version),
        new SqlCommand(
            $"INSERT INTO {table} (version, description, success, checksum, execution_time) "
                + $"VALUES ({Number("$1")}, $2, {(entry.State == HistoryState.Applied ? "TRUE" : "FALSE")}, $3, $4)",
            entry.Version,
            entry.Description,
            Convert.FromHexString(entry.Checksum!),
            entry.DurationMs * NanosecondsPerMillisecond),
    ];

    public override IReadOnlyList<SqlCommand> Correct(SqlDialect dialect, string table, HistoryEntry entry) =>
    [
        new SqlCommand(
            $"UPDATE {table} SET checksum = $1 WHERE version = {Number("$2")}",
            Convert.FromHexString(entry.Checksum!),
            entry.Version),
    ];

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE version = {Number("$1")}", version);

    private static long LockOf(string database) => LockFactor * Crc32.Of(Encoding.UTF8.GetBytes(database));

    private HistoryEntry Entry(string version, bool success) => new()
    {
        Version = version,
        State = success ? HistoryState.Applied : HistoryState.Started,
        Mark = success ? null : $"{Table}: version {version}, success = false",
    };
}
