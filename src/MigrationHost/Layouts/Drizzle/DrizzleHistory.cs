using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Drizzle's history: a row for each migration with SHA-256 of its file and the time that its journal has. What stands before the
/// one with the highest time is applied as well.</summary>
/// <remarks><see href="https://github.com/drizzle-team/drizzle-orm/blob/main/drizzle-orm/src/pg-core/dialect.ts"/>, sqlite-core,
/// mysql-core</remarks>
internal sealed class DrizzleHistory(LayoutSite site, DrizzleJournal journal) : ToolHistory(site.History)
{
    private const string OwnSchema = "drizzle";

    public override string Owner => Tool.Drizzle;

    public override string? Schema => base.Schema ?? (site.Dialect.By<string?>(null, OwnSchema, null));

    public override string? Condition => null;

    protected override string DefaultTable => "__drizzle_migrations";

    public override IReadOnlyList<string> Columns(SqlDialect dialect) => ["hash", "created_at"];

    public override IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows)
    {
        var hashes = rows.Where(row => row.OptionalText(1) is not null).GroupBy(row => row.Long(1))
            .ToDictionary(row => row.Key, row => row.Last().Text(0));
        var before = hashes.Count == 0 ? [] : journal.EntriesBefore(hashes.Keys.Max());
        var times = before.Select(entry => entry.When).Union(hashes.Keys);
        return times.Select(when => new HistoryEntry
        {
            Version = journal.TagOf(when),
            State = HistoryState.Applied,
            Checksum = hashes.GetValueOrDefault(when),
            AppliedAt = null,
        });
    }

    public override HistoryEntry Kept(HistoryEntry entry) =>
        new() { Version = entry.Version, State = entry.State, Checksum = entry.Checksum };

    public override IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
    [
        .. dialect.By<SqlCommand[]>(
            [], [$"CREATE SCHEMA IF NOT EXISTS \"{Schema?.Replace("\"", "\"\"", StringComparison.Ordinal)}\""], []),
        $"CREATE TABLE {table} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at {dialect.By("numeric", "bigint", "bigint")})",
    ];

    public override IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
        [new SqlCommand($"INSERT INTO {table} (hash, created_at) VALUES ($1, $2)", entry.Checksum, journal.WhenOf(entry.Version))];

    public override IReadOnlyList<SqlCommand> Correct(SqlDialect dialect, string table, HistoryEntry entry) =>
        [new SqlCommand($"UPDATE {table} SET hash = $1 WHERE created_at = $2", entry.Checksum, journal.WhenOf(entry.Version))];

    public override SqlCommand Forget(string table, string version) =>
        new($"DELETE FROM {table} WHERE created_at = $1", journal.WhenOf(version));
}
