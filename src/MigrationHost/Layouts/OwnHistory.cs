using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Our own table: a row for each migration. What each column says is part of what releases agree on (docs/instances.md).</summary>
internal sealed class OwnHistory : IHistoryForm
{
    public static readonly OwnHistory Form = new();

    private const string Key = "version";
    private const string Begun = "statement_begun";
    private const string Breaking = "breaking";

    private static readonly string[] AllColumns =
        [Key, "description", "checksum", "applied_at", "duration_ms", "applied_by", "state", "statements_done", "done_checksum"];

    private OwnHistory()
    {
    }

    public string Owner => "MigrationHost";

    public string Table => HistoryTable.Name;

    public string? Condition => $"{Key} = $1";

    public bool MarksBegun => true;

    public bool RecordsRepeatables => true;

    public IReadOnlyList<string> Columns(SqlDialect dialect) => dialect.RecordsWhatBegins ? [.. AllColumns, Begun] : AllColumns;

    public string LateColumn => Breaking;

    public SqlCommand? AddColumn(SqlDialect dialect, string table, HistoryEntry entry) =>
        entry.IsBreaking ? new SqlCommand($"ALTER TABLE {table} ADD COLUMN {Breaking} {dialect.Integer}") : null;

    public IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows) => rows.Select(Read);

    public IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) =>
    [
        $"""
        CREATE TABLE {table} (
            version {dialect.Text} NOT NULL PRIMARY KEY,
            description {dialect.Text} NOT NULL,
            checksum {dialect.Text} NOT NULL,
            applied_at {dialect.Time} NOT NULL,
            duration_ms {dialect.Long} NOT NULL,
            applied_by {dialect.Text} NOT NULL,
            state {dialect.Text} NOT NULL CHECK (state IN ('applied', 'started')),
            statements_done {dialect.Integer},
            done_checksum {dialect.Text}{(dialect.RecordsWhatBegins ? $",\n    {Begun} {dialect.Integer}" : "")},
            {Breaking} {dialect.Integer}
        ){dialect.TableOptions}
        """,
    ];

    public IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) =>
        [Command(dialect, entry, columns => dialect.Upsert(table, Key, columns))];

    public IReadOnlyList<SqlCommand> Add(SqlDialect dialect, string table, HistoryEntry entry) =>
        [Command(dialect, entry, columns => SqlDialect.Insert(table, columns))];

    public SqlCommand Forget(string table, string version) => new($"DELETE FROM {table} WHERE {Key} = $1", version);

    private SqlCommand Command(SqlDialect dialect, HistoryEntry entry, Func<IReadOnlyList<string>, string> write)
    {
        object?[] values =
        [
            entry.Version,
            entry.Description,
            entry.Checksum ?? "",
            dialect.ToValue(entry.AppliedAt!.Value),
            entry.DurationMs,
            entry.AppliedBy,
            entry.State == HistoryState.Applied ? "applied" : "started",
            entry.StatementsDone,
            entry.DoneChecksum,
        ];
        IReadOnlyList<string> columns = entry.IsBreaking ? [.. Columns(dialect), Breaking] : Columns(dialect);
        return new SqlCommand(
            write(columns),
            [
                .. values,
                .. dialect.RecordsWhatBegins ? [entry.StatementBegun] : Array.Empty<object?>(),
                .. entry.IsBreaking ? [1] : Array.Empty<object?>(),
            ]);
    }

    private static HistoryEntry Read(HistoryRow row) => new()
    {
        Version = row.Text(0),
        Description = row.Text(1),
        Checksum = row.Text(2),
        AppliedAt = row.Time(3)
            ?? throw HistoryTable.Damaged(HistoryTable.Name, $"version {row.Text(0)} has '{row.Text(3)}' for applied_at"),
        DurationMs = row.Long(4),
        AppliedBy = row.Text(5),
        State = row.Text(6) == "started" ? HistoryState.Started : HistoryState.Applied,
        StatementsDone = row.OptionalInteger(7),
        DoneChecksum = row.OptionalText(8),
        StatementBegun = row.Dialect.RecordsWhatBegins ? row.OptionalInteger(AllColumns.Length) : null,
        IsBreaking = row.Count > AllColumns.Length + (row.Dialect.RecordsWhatBegins ? 1 : 0) && row.OptionalText(row.Count - 1) is "1",
    };
}
