using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The history in the connection's default schema.</summary>
/// <param name="form">How it is kept.</param>
/// <param name="schema">The schema's name, not quoted.</param>
internal sealed class PostgreSqlHistory(IHistoryForm form, string schema)
{
    private static readonly PostgreSqlDialect Dialect = PostgreSqlDialect.Instance;

    private readonly string _columns = string.Join(", ", form.Columns(Dialect));

    private readonly PostgreSqlHistory? _journal = form.Journal is { } journal ? new PostgreSqlHistory(journal, schema) : null;

    private bool _exists;

    /// <summary>The schema's name, not quoted.</summary>
    public string Schema => schema;

    /// <summary>The table's name, not quoted and without its schema.</summary>
    public string TableName => form.Table;

    /// <summary>The table's quoted name.</summary>
    public string Table => TableIn(schema);

    /// <summary>Begins a transaction, takes the lock that a row will need if there is a table already (refused now rather than after the work), and looks for what is known of a migration.</summary>
    /// <returns>What is known, and the fingerprint of the table.</returns>
    public async Task<(IReadOnlyList<HistoryEntry> Known, string? Fingerprint)> BeginAsync(
        PostgreSqlConnection connection,
        string version,
        TimeSpan lockAttempt,
        CancellationToken cancellationToken)
    {
        if (!_exists && form.CreateFirst is { } create)
            await CreateFirstAsync(connection, create, lockAttempt, cancellationToken).ConfigureAwait(false);
        SqlCommand[] begin = ["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", PostgreSqlSql.LockTimeout(lockAttempt)];
        if (_exists)
            begin = [.. begin, $"LOCK TABLE {Table} IN {form.LockMode} MODE"];
        else
        {
            await connection.ExecuteAsync(cancellationToken, begin).ConfigureAwait(false);
            if (!await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
                return (await WithBegunAsync(connection, [], cancellationToken).ConfigureAwait(false), null);
            begin = [];
        }
        var (condition, values) = form.Condition is { } some ? ($"WHERE {some}", new object[] { version, Table }) : ("", [Table]);
        var look = new SqlCommand(
            $"SELECT one.fingerprint, known.* FROM (SELECT {HistoryGuard.Fingerprint($"${values.Length}")} AS fingerprint) AS one "
                + $"LEFT JOIN (SELECT {_columns} FROM {Table} {condition}) AS known ON true",
            values);
        var rows = await connection.QueryAsync(
            [.. begin, look],
            row => (row.GetString(0), Entry: row.IsDBNull(1) ? null : Entry(row, first: 1)),
            cancellationToken).ConfigureAwait(false);
        List<HistoryEntry> known = [.. rows.Select(row => row.Entry).OfType<HistoryEntry>()];
        return (await WithBegunAsync(connection, known, cancellationToken).ConfigureAwait(false), rows[0].Item1);
    }

    /// <summary>All of it; nothing if there is no table yet.</summary>
    public async Task<List<HistoryEntry>> ReadAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) =>
        await WithBegunAsync(
            connection,
            await ExistsAsync(connection, cancellationToken).ConfigureAwait(false)
                ? await ReadAsync(connection, Table, cancellationToken).ConfigureAwait(false)
                : [],
            cancellationToken).ConfigureAwait(false);

    /// <summary>All of the history in another schema; nothing if there is none.</summary>
    public async Task<List<HistoryEntry>> ReadInAsync(PostgreSqlConnection connection, string other, CancellationToken cancellationToken) =>
        await PostgreSqlNames.IsThereAsync(connection, TableIn(other), cancellationToken).ConfigureAwait(false)
            ? await ReadAsync(connection, TableIn(other), cancellationToken).ConfigureAwait(false)
            : [];

    /// <summary>What records a migration, and makes the table if there is none.</summary>
    public async Task<SqlCommand[]> ToWriteAsync(PostgreSqlConnection connection, HistoryEntry entry, CancellationToken cancellationToken)
    {
        if (_journal is not null && entry.State == HistoryState.Started)
            return await _journal.ToWriteAsync(connection, entry, cancellationToken).ConfigureAwait(false);
        SqlCommand[] create = _exists || await ExistsAsync(connection, cancellationToken).ConfigureAwait(false) ? [] : [form.Create(Dialect, Table)];
        return [.. create, ToWrite(entry), .. _journal is { _exists: true } ? [_journal.ToForget(entry.Version)] : Array.Empty<SqlCommand>()];
    }

    /// <summary>What records a migration once there is a table.</summary>
    public SqlCommand ToWrite(HistoryEntry entry) => form.Write(Dialect, Table, entry);

    /// <summary>What takes back that a migration is recorded as begun, or as applied.</summary>
    public SqlCommand ToForget(string version) => _journal is { _exists: true } ? _journal.ToForget(version) : form.Forget(Table, version);

    /// <summary>The other schemas of the search_path that have such a table.</summary>
    public Task<List<string>> ElsewhereAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) => connection.QueryAsync(
        """
        SELECT other FROM unnest(current_schemas(false)) AS other
        WHERE other <> $1 AND to_regclass(quote_ident(other) || '.' || quote_ident($2)) IS NOT NULL
          AND has_table_privilege(quote_ident(other) || '.' || quote_ident($2), 'SELECT')
        """,
        row => row.GetString(0),
        cancellationToken,
        schema,
        TableName);

    /// <summary>The table's quoted name in a schema.</summary>
    public string TableIn(string other) => $"{PostgreSqlName.Quoted(other)}.{PostgreSqlName.Quoted(form.Table)}";

    // What the table has as applied is applied, whatever was begun.
    private async Task<List<HistoryEntry>> WithBegunAsync(
        PostgreSqlConnection connection, List<HistoryEntry> entries, CancellationToken cancellationToken)
    {
        if (_journal is null)
            return entries;
        var journal = await _journal.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        return
        [
            .. entries,
            .. journal.Where(begun => begun.State == HistoryState.Started && entries.TrueForAll(entry => entry.Version != begun.Version)),
        ];
    }

    /// <remarks>Two that create one schema or table at the same time: the slower of them is refused by a unique index of the catalogs.
    /// </remarks>
    private async Task CreateFirstAsync(PostgreSqlConnection connection, string create, TimeSpan lockAttempt, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
            return;
        var statements = PostgreSqlSplitter.Split(create, (_, _, _) => { }, standardStrings: true).Select(statement => (SqlCommand)statement.Text);
        try
        {
            await connection.ExecuteAsync(cancellationToken, ["BEGIN", PostgreSqlSql.LockTimeout(lockAttempt), .. statements, "COMMIT"])
                .ConfigureAwait(false);
        }
        catch (PostgresException other) when (other.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable)
        {
            await connection.TryRollBackAsync().ConfigureAwait(false);
        }
        _exists = true;
    }

    private async Task<List<HistoryEntry>> ReadAsync(PostgreSqlConnection connection, string table, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.QueryAsync($"SELECT {_columns} FROM {table}", row => Entry(row, first: 0), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException foreign) when (foreign.SqlState == PostgresErrorCodes.UndefinedColumn)
        {
            throw HistoryTable.NotOurs(foreign.MessageText);
        }
    }

    private async Task<bool> ExistsAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) =>
        _exists = await PostgreSqlNames.IsThereAsync(connection, Table, cancellationToken).ConfigureAwait(false);

    private HistoryEntry Entry(NpgsqlDataReader row, int first)
    {
        var values = new object?[row.FieldCount - first];
        for (var i = 0; i < values.Length; i++)
            values[i] = row.IsDBNull(first + i) ? null : row.GetValue(first + i);
        return form.Read(new HistoryRow(Dialect, values));
    }
}
