using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Prisma's history: rows by the folder's name, with SHA-256 of the script. One that is neither finished nor rolled back broke;
/// one that was rolled back does not count.</summary>
/// <remarks><see
/// href="https://github.com/prisma/prisma-engines/blob/main/schema-engine/connectors/sql-schema-connector/src/sql_migration_persistence.rs"/>
/// </remarks>
internal sealed class PrismaHistory(HistoryPlace place) : ToolHistory(place)
{
    public override string Owner => Tool.Prisma;

    public override string? Condition => "migration_name = $1";

    public override bool MarksBegun => true;

    protected override string DefaultTable => "_prisma_migrations";

    public override IReadOnlyList<long> Locks(string database, string schema) => [72707369];

    public override IReadOnlyList<string> NamedLocks(string database, string schema) => ["prisma_migrate"];

    public override IReadOnlyList<string> Columns(SqlDialect dialect) =>
        ["migration_name", "checksum", "started_at", "finished_at", "rolled_back_at", "applied_steps_count"];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) =>
        from row in rows
        where row.OptionalText(4) is null
        group row by row.Text(0) into name
        let row = name.FirstOrDefault(row => row.OptionalText(3) is null) ?? name.First()
        select Entry(row.Text(0), row.OptionalText(3) is not null) with
        {
            Checksum = row.Text(1),
            AppliedAt = row.AnyTime(3),
        };

    public override HistoryEntry Kept(HistoryEntry entry) =>
        Entry(entry.Version, entry.State == HistoryState.Applied) with { Checksum = entry.Checksum };

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
    [
        dialect.By(
            $"""
            CREATE TABLE {table} (
                "id"                    TEXT PRIMARY KEY NOT NULL,
                "checksum"              TEXT NOT NULL,
                "finished_at"           DATETIME,
                "migration_name"        TEXT NOT NULL,
                "logs"                  TEXT,
                "rolled_back_at"        DATETIME,
                "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
                "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
            )
            """,
            $"""
            CREATE TABLE {table} (
                id                      VARCHAR(36) PRIMARY KEY NOT NULL,
                checksum                VARCHAR(64) NOT NULL,
                finished_at             TIMESTAMPTZ,
                migration_name          VARCHAR(255) NOT NULL,
                logs                    TEXT,
                rolled_back_at          TIMESTAMPTZ,
                started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
                applied_steps_count     INTEGER NOT NULL DEFAULT 0
            )
            """,
            $"""
            CREATE TABLE {table} (
                id                      VARCHAR(36) PRIMARY KEY NOT NULL,
                checksum                VARCHAR(64) NOT NULL,
                finished_at             DATETIME(3),
                migration_name          VARCHAR(255) NOT NULL,
                logs                    TEXT,
                rolled_back_at          DATETIME(3),
                started_at              DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
                applied_steps_count     INTEGER UNSIGNED NOT NULL DEFAULT 0
            ) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
            """),
    ];

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry)
    {
        var finished = entry.State == HistoryState.Applied;
        var at = entry.AppliedAt!.Value;
        return
        [
            new SqlCommand($"DELETE FROM {table} WHERE migration_name = $1 AND rolled_back_at IS NULL", entry.Version),
            new SqlCommand(
                $"INSERT INTO {table} (id, checksum, migration_name, started_at, applied_steps_count{(finished ? ", finished_at" : "")}) "
                    + $"VALUES ($1, $2, $3, $4, {(finished ? "1, $5" : "0")})",
                [
                    Guid.NewGuid().ToString(),
                    entry.Checksum,
                    entry.Version,
                    dialect.ToValue(at - TimeSpan.FromMilliseconds(entry.DurationMs ?? 0)),
                    .. finished ? [dialect.ToValue(at)] : Array.Empty<object?>(),
                ]),
        ];
    }

    public override IReadOnlyList<SqlCommand> Correct(SqlDialect dialect, string table, HistoryEntry entry) =>
    [
        new SqlCommand(
            $"UPDATE {table} SET checksum = $1 WHERE migration_name = $2 AND rolled_back_at IS NULL",
            entry.Checksum,
            entry.Version),
    ];

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE migration_name = $1 AND rolled_back_at IS NULL", version);

    private HistoryEntry Entry(string name, bool finished) => new()
    {
        Version = name,
        State = finished ? HistoryState.Applied : HistoryState.Started,
        Mark = finished ? null : $"{Table}: {name} has neither finished_at nor rolled_back_at",
    };
}
