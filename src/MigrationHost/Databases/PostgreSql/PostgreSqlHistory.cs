using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The history table in the connection's default schema.</summary>
/// <param name="schema">The schema's name, not quoted.</param>
internal sealed class PostgreSqlHistory(string schema)
{
    public const string TableName = HistoryTable.Name;

    private const string Columns = "version, description, checksum, applied_at, duration_ms, applied_by, state, statements_done, statement_begun, done_checksum";

    private bool _exists;

    /// <summary>The schema's name, not quoted.</summary>
    public string Schema => schema;

    /// <summary>The table's quoted name.</summary>
    public string Table => $"{PostgreSqlName.Quoted(schema)}.{TableName}";

    /// <summary>Begins a transaction, takes the lock that a row will need, where there is a table already (refused now rather than after the work), and looks for a version's row.</summary>
    /// <returns>The row, and the fingerprint of the table.</returns>
    public async Task<(HistoryEntry? Known, string? Fingerprint)> BeginAsync(
        PostgreSqlConnection connection,
        MigrationVersion version,
        TimeSpan lockAttempt,
        CancellationToken cancellationToken)
    {
        PostgreSqlCommand[] begin = ["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", PostgreSqlSql.LockTimeout(lockAttempt)];
        if (_exists)
            begin = [.. begin, $"LOCK TABLE {Table} IN ROW EXCLUSIVE MODE"];
        else
        {
            await connection.ExecuteAsync(cancellationToken, begin).ConfigureAwait(false);
            if (!await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
                return default;
            begin = [];
        }
        var look = new PostgreSqlCommand(
            $"SELECT {Columns}, {HistoryGuard.Fingerprint("$2")} FROM (SELECT) AS one LEFT JOIN {Table} ON version = $1",
            version.ToString(),
            Table);
        return (await connection.QueryAsync(
            [.. begin, look],
            row => (row.IsDBNull(0) ? null : Entry(row), row.GetString(10)),
            cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>All rows; none where there is no table yet.</summary>
    public async Task<List<HistoryEntry>> ReadAsync(PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
            return [];
        try
        {
            return await connection.QueryAsync($"SELECT {Columns} FROM {Table}", Entry, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException foreign) when (foreign.SqlState == PostgresErrorCodes.UndefinedColumn)
        {
            throw HistoryTable.NotOurs(foreign.MessageText);
        }
    }

    public async Task<HistoryEntry?> FindAsync(PostgreSqlConnection connection, MigrationVersion version, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken).ConfigureAwait(false)
            ? (await connection.QueryAsync(
                $"SELECT {Columns} FROM {Table} WHERE version = $1",
                Entry,
                cancellationToken,
                version.ToString()).ConfigureAwait(false)).SingleOrDefault()
            : null;

    /// <summary>What writes a row in place of the one this version may have, and the table where there is none.</summary>
    public async Task<PostgreSqlCommand[]> ToWriteAsync(PostgreSqlConnection connection, HistoryEntry entry, CancellationToken cancellationToken) =>
        _exists || await ExistsAsync(connection, cancellationToken).ConfigureAwait(false) ? [Row(entry)] : [CreateTable, Row(entry)];

    /// <summary>The other schemas of the search_path that have such a table.</summary>
    public Task<List<string>> ElsewhereAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) => connection.QueryAsync(
        "SELECT other FROM unnest(current_schemas(false)) AS other WHERE other <> $1 AND to_regclass(quote_ident(other) || '.' || $2) IS NOT NULL AND has_table_privilege(quote_ident(other) || '.' || $2, 'SELECT')",
        row => row.GetString(0),
        cancellationToken,
        schema,
        TableName);

    /// <summary>One row: whether such a table has one of these migrations.</summary>
    public static async Task<List<bool>> AnyOfAsync(
        PostgreSqlConnection connection,
        string table,
        IReadOnlyList<MigrationScript> scripts,
        CancellationToken cancellationToken) =>
        await PostgreSqlNames.IsThereAsync(connection, table, cancellationToken).ConfigureAwait(false)
            ? await connection.QueryAsync(
                $"SELECT EXISTS (SELECT FROM {table} WHERE (version, checksum) IN (SELECT * FROM unnest($1, $2)))",
                row => row.GetBoolean(0),
                cancellationToken,
                scripts.Select(script => script.Version.ToString()).ToArray(),
                scripts.Select(script => script.Checksum).ToArray()).ConfigureAwait(false)
            : [false];

    /// <summary>What removes a version's row.</summary>
    public PostgreSqlCommand ToDelete(MigrationVersion version) => new($"DELETE FROM {Table} WHERE version = $1", version.ToString());

    /// <summary>What writes a row once there is a table.</summary>
    public PostgreSqlCommand Row(HistoryEntry entry) => new(
        $"""
        INSERT INTO {Table} ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (version) DO UPDATE SET
            description = excluded.description, checksum = excluded.checksum, applied_at = excluded.applied_at, duration_ms = excluded.duration_ms,
            applied_by = excluded.applied_by, state = excluded.state, statements_done = excluded.statements_done, statement_begun = excluded.statement_begun, done_checksum = excluded.done_checksum
        """,
        entry.Version.ToString(),
        entry.Description,
        entry.Checksum,
        entry.AppliedAt.UtcDateTime,
        entry.DurationMs,
        entry.AppliedBy,
        entry.State == HistoryState.Applied ? "applied" : "started",
        entry.StatementsDone,
        entry.StatementBegun,
        entry.DoneChecksum);

    private string CreateTable =>
        $"""
        CREATE TABLE {Table} (
            version text NOT NULL PRIMARY KEY,
            description text NOT NULL,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL,
            duration_ms bigint NOT NULL,
            applied_by text NOT NULL,
            state text NOT NULL CHECK (state IN ('applied', 'started')),
            statements_done integer,
            statement_begun integer,
            done_checksum text
        )
        """;

    private async Task<bool> ExistsAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) =>
        _exists = await PostgreSqlNames.IsThereAsync(connection, Table, cancellationToken).ConfigureAwait(false);

    private static HistoryEntry Entry(NpgsqlDataReader row) => new()
    {
        Version = MigrationVersion.TryParse(row.GetString(0), out var version) ? version : throw HistoryTable.Damaged($"version '{row.GetString(0)}' is no number"),
        Description = row.GetString(1),
        Checksum = row.GetString(2),
        AppliedAt = row.GetFieldValue<DateTimeOffset>(3),
        DurationMs = row.GetInt64(4),
        AppliedBy = row.GetString(5),
        State = row.GetString(6) == "started" ? HistoryState.Started : HistoryState.Applied,
        StatementsDone = row.IsDBNull(7) ? null : row.GetInt32(7),
        StatementBegun = row.IsDBNull(8) ? null : row.GetInt32(8),
        DoneChecksum = row.IsDBNull(9) ? null : row.GetString(9),
    };
}
