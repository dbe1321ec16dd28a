using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Flyway's history: numbered rows, of which the last of a version counts; a baseline stands for everything up to it.</summary>
/// <param name="place">Where it is.</param>
/// <param name="files">The files as they were last read: their names are part of the rows.</param>
/// <remarks><see href="https://documentation.red-gate.com/flyway/flyway-concepts/migrations/flyway-schema-history-table"/></remarks>
internal sealed class FlywayHistory(HistoryPlace place, FlywayFiles files) : ToolHistory(place)
{
    // The letters of its name.
    private const long LockNumber = 0x46_6C_79_77_61_79;

    public override string Owner => Tool.Flyway;

    public override string? Condition => null;

    public override bool MarksBegun => true;

    protected override string DefaultTable => "flyway_schema_history";

    /// <remarks>Flyway's own number and the hash that Java has for the table's quoted name: <see
    /// href="https://github.com/flyway/flyway/blob/main/flyway-database/flyway-database-postgresql/src/main/java/org/flywaydb/database/postgresql/PostgreSQLAdvisoryLockTemplate.java"/>
    /// </remarks>
    public override IReadOnlyList<long> Locks(string database, string schema) =>
        [LockNumber + JavaHash($"\"{schema}\".\"{Table}\"")];

    /// <remarks><see
    /// href="https://github.com/flyway/flyway/blob/main/flyway-database/flyway-mysql/src/main/java/org/flywaydb/database/mysql/MySQLConnection.java"/>,
    /// MySQLNamedLockTemplate.java. It has none on Galera.</remarks>
    public override IReadOnlyList<string> NamedLocks(string database, string schema) =>
        [string.Create(CultureInfo.InvariantCulture, $"Flyway-{JavaHash($"`{schema}`.`{Table}`")}")];

    public override IReadOnlyList<string> Columns(SqlDialect dialect) =>
    [
        "installed_rank", "version", "description", "type", "checksum", ServerTime(dialect, "installed_on"), "execution_time", "success",
        "installed_by",
    ];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) =>
        from row in rows
        let id = IdOf(row)
        where id is not null
        group row by id into version
        let last = version.MaxBy(row => row.Long(0))!
        where last.Text(3) != "DELETE" && !last.Text(3).StartsWith("UNDO", StringComparison.Ordinal)
        select Entry(version.Key, last.Flag(7)) with
        {
            Description = last.Text(2),
            Checksum = IsBaseline(last) ? null : last.OptionalText(4),
            AppliedAt = last.AnyTime(5),
            DurationMs = last.Long(6),
            AppliedBy = last.OptionalText(8) is { Length: > 0 } user ? user : null,
            AndAllBefore = IsBaseline(last),
        };

    public override HistoryEntry Kept(HistoryEntry entry) => Entry(entry.Version, entry.State == HistoryState.Applied) with
    {
        Description = entry.Description,
        Checksum = entry.Checksum,
        DurationMs = entry.DurationMs,
    };

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table)
    {
        const string now = "TIMESTAMP NOT NULL DEFAULT";
        var integer = dialect.By("INT", "INTEGER", "INT");
        var time = dialect.By("TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now'))", $"{now} now()", $"{now} CURRENT_TIMESTAMP");
        var (pk, index) = (Name($"{Table}_pk"), Name($"{Table}_s_idx"));
        return
        [
            $"""
            CREATE TABLE {table} (
                {Name("installed_rank")} INT NOT NULL{dialect.By(" PRIMARY KEY", "", "")},
                {Name("version")} VARCHAR(50),
                {Name("description")} VARCHAR(200) NOT NULL,
                {Name("type")} VARCHAR(20) NOT NULL,
                {Name("script")} VARCHAR(1000) NOT NULL,
                {Name("checksum")} {integer},
                {Name("installed_by")} VARCHAR(100) NOT NULL,
                {Name("installed_on")} {time},
                {Name("execution_time")} {integer} NOT NULL,
                {Name("success")} BOOLEAN NOT NULL{dialect.By("", Key(), $"{Key()},\n    INDEX {index} ({Name("success")})")}
            )
            """,
            .. dialect.By<SqlCommand[]>(
                [$"CREATE INDEX main.{index} ON {Name(Table)} ({Name("success")})"],
                [$"CREATE INDEX {index} ON {table} ({Name("success")})"],
                []),
        ];

        string Name(string name) => dialect.By($"\"{name}\"", $"\"{name}\"", $"`{name}`");
        string Key() => $",\n    CONSTRAINT {pk} PRIMARY KEY ({Name("installed_rank")})";
    }

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry)
    {
        var (version, script) = files.Of(entry.Version);
        var success = entry.State == HistoryState.Applied ? "TRUE" : "FALSE";
        return
        [
            new SqlCommand($"DELETE FROM {table} WHERE script = $1 AND success = FALSE", script),
            new SqlCommand(
                $"INSERT INTO {table} "
                    + "(installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) "
                    + $"SELECT coalesce(max(installed_rank), 0) + 1, $1, $2, 'SQL', $3, $4, "
                    + $"{dialect.By("''", "current_user", "SUBSTRING_INDEX(USER(), '@', 1)")}, $5, {success} FROM {table}",
                version,
                entry.Description,
                script,
                int.Parse(entry.Checksum!, CultureInfo.InvariantCulture),
                (int)Math.Min(entry.DurationMs ?? 0, int.MaxValue)),
        ];
    }

    /// <remarks>As Flyway's <c>repair</c> does: the script keeps the name that it was applied under.</remarks>
    public override IReadOnlyList<SqlCommand> Correct(SqlDialect dialect, string table, HistoryEntry entry)
    {
        var (version, script) = files.Of(entry.Version);
        return
        [
            new SqlCommand(
                $"UPDATE {table} SET checksum = $1, description = $2 "
                    + "WHERE installed_rank = (SELECT last_rank FROM "
                    + $"(SELECT max(installed_rank) AS last_rank FROM {table} WHERE script = $3 OR version = $4) AS last)",
                int.Parse(entry.Checksum!, CultureInfo.InvariantCulture),
                entry.Description,
                script,
                version ?? ""),
        ];
    }

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE script = $1", files.Of(version).Script);

    private static int JavaHash(string text) => text.Aggregate(0, (hash, letter) => unchecked(31 * hash + letter));

    // That of a baseline is of another file, if it has one.
    private static bool IsBaseline(HistoryRow row) => row.Text(3).EndsWith("BASELINE", StringComparison.Ordinal);

    private static string? IdOf(HistoryRow row) => row switch
    {
        _ when row.OptionalText(1) is { } version => FlywayVersion.Read(version) ?? version,
        _ when row.Text(3) is "SCHEMA" or "TABLE" => null,
        _ => FlywayVersion.Repeatable + row.Text(2).Replace(' ', '_'),
    };

    private HistoryEntry Entry(string id, bool success) => new()
    {
        Version = id,
        State = success ? HistoryState.Applied : HistoryState.Started,
        Mark = success ? null : $"{Table}: {id}, success = false",
    };
}
