using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The history: the table of its form and, where that cannot say it, the journal of what was begun.</summary>
/// <param name="form">How it is kept.</param>
/// <param name="schema">The connection's default schema, not quoted.</param>
/// <param name="database">The database's name; null where nobody needs the tool's own locks.</param>
internal sealed class PostgreSqlHistory(IHistoryForm form, string schema, string? database = null)
{
    private static readonly PostgreSqlDialect Dialect = PostgreSqlDialect.Instance;

    // A column that the table may lack is asked for by its name alone.
    private readonly string _columns = string.Join(", ", form.LateColumn is not { } late
        ? form.Columns(Dialect)
        : [.. form.Columns(Dialect), $"to_jsonb({PostgreSqlName.Quoted(form.Table)}) ->> '{late}' AS {late}"]);

    private readonly PostgreSqlHistory? _journal = form.Journal is { } journal ? new PostgreSqlHistory(journal, schema) : null;

    private bool _exists;

    public IHistoryForm Form => form;

    /// <summary>The connection's default schema, not quoted.</summary>
    public string DefaultSchema => schema;

    /// <summary>The schema that has the table, not quoted.</summary>
    public string Schema => form.Schema ?? schema;

    /// <summary>The table's name, not quoted and without its schema.</summary>
    public string TableName => form.Table;

    /// <summary>The table's quoted name.</summary>
    public string Table => TableIn(Schema);

    /// <summary>The first column, which is the key of our own form.</summary>
    public string Key => form.Columns(Dialect)[0];

    /// <summary>The advisory locks of the tool whose form it is.</summary>
    public IReadOnlyList<long> ToolLocks { get; } = database is null ? [] : form.Locks(database, form.Schema ?? schema);

    /// <summary>What the turn is called by.</summary>
    public string TurnName => $"{PostgreSqlName.Quoted(schema)}.{HistoryTable.Name}";

    /// <summary>
    /// Begins a transaction, takes the lock that a row will need if there is a table already (refused now rather than after the
    /// work), and looks for what is known of a migration.
    /// </summary>
    /// <returns>What is known, and the fingerprint of the table.</returns>
    public async Task<(IReadOnlyList<HistoryEntry> Known, string? Fingerprint)> BeginAsync(
        PostgreSqlConnection connection,
        string version,
        TimeSpan lockAttempt,
        CancellationToken cancellationToken)
    {
        if (!_exists && form.CreateFirst is { } create)
            await CreateFirstAsync(connection, create, lockAttempt, cancellationToken).ConfigureAwait(false);
        SqlCommand[] begin =
        [
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            PostgreSqlSql.LockTimeout(lockAttempt),
            .. form.LockRows(Dialect) is { } rows
                ? [PostgreSqlSql.LockToolOut(TableOfTool(rows.Table), rows.Counts, form.Owner)]
                : Array.Empty<SqlCommand>(),
        ];
        if (_exists)
            begin = [.. begin, $"LOCK TABLE {Table} IN {form.LockMode} MODE"];
        else
        {
            await connection.ExecuteAsync(cancellationToken, begin).ConfigureAwait(false);
            begin = [];
        }
        return await FindAsync(connection, begin, version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A transaction is rolled back that may have made the table.</summary>
    public void LookAgain() => _exists = false;

    /// <summary>Looks for what is known of a migration, in a transaction that has the lock already.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="first">What is sent before.</param>
    /// <param name="version">The migration.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <inheritdoc cref="BeginAsync"/>
    public async Task<(IReadOnlyList<HistoryEntry> Known, string? Fingerprint)> FindAsync(
        PostgreSqlConnection connection, SqlCommand[] first, string version, CancellationToken cancellationToken)
    {
        if (!_exists && !await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
            return (await WithJournalAsync(connection, [], cancellationToken).ConfigureAwait(false), null);
        var (condition, values) = form.Condition is { } some ? ($"WHERE {some}", new object[] { version, Table }) : ("", [Table]);
        var look = new SqlCommand(
            $"SELECT one.fingerprint, known.* FROM (SELECT {HistoryGuard.Fingerprint($"${values.Length}")} AS fingerprint) AS one "
                + $"LEFT JOIN (SELECT {_columns} FROM {Table} {condition}) AS known ON true",
            values);
        var found = await connection.QueryAsync(
            [.. first, look],
            row => (row.GetString(0), Row: row.IsDBNull(1) ? null : Row(row, first: 1)),
            cancellationToken).ConfigureAwait(false);
        var kept = form.Read([.. found.Select(row => row.Row).OfType<HistoryRow>()]);
        return (await WithJournalAsync(connection, kept, cancellationToken).ConfigureAwait(false), found[0].Item1);
    }

    /// <summary>All of it; nothing if there is no table yet.</summary>
    public async Task<List<HistoryEntry>> ReadAsync(PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        IEnumerable<HistoryEntry> kept = await ExistsAsync(connection, cancellationToken).ConfigureAwait(false)
            ? await ReadAsync(connection, Table, cancellationToken).ConfigureAwait(false)
            : [];
        return await WithJournalAsync(connection, kept, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All of the history in another schema; nothing if there is none.</summary>
    public async Task<List<HistoryEntry>> ReadInAsync(PostgreSqlConnection connection, string other, CancellationToken cancellationToken) =>
        await PostgreSqlNames.IsThereAsync(connection, TableIn(other), cancellationToken).ConfigureAwait(false)
            ? await ReadAsync(connection, TableIn(other), cancellationToken).ConfigureAwait(false)
            : [];

    /// <summary>What records a migration, and makes the tables that this needs.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="entry">What is to be recorded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="isNew">Whether nothing is recorded of it yet.</param>
    public async Task<SqlCommand[]> ToWriteAsync(
        PostgreSqlConnection connection, HistoryEntry entry, CancellationToken cancellationToken, bool isNew = false)
    {
        IReadOnlyList<SqlCommand> commands = [];
        if (HistoryMerge.Keeps(form, entry))
        {
            if (!_exists && !await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
                commands = form.Create(Dialect, Table);
            else if (form.AddColumn(Dialect, Table, entry) is { } add)
                commands = await LacksAsync(connection, form.LateColumn!, cancellationToken).ConfigureAwait(false) ? [add] : [];
            commands = [.. commands, .. isNew ? form.Add(Dialect, Table, entry) : ToWrite(entry)];
        }
        if (_journal is null)
            return [.. commands];
        return entry.State == HistoryState.Applied
            ? [.. commands, .. await _journal.ToForgetAsync(connection, entry.Version, cancellationToken).ConfigureAwait(false)]
            : [.. commands, .. await _journal.ToWriteAsync(connection, entry, cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>What records one more applied migration in the same transaction.</summary>
    public IReadOnlyList<SqlCommand> ToWrite(HistoryEntry entry) => form.Write(Dialect, Table, entry);

    /// <summary>What puts another checksum into the row of a migration.</summary>
    public IReadOnlyList<SqlCommand> ToCorrect(HistoryEntry entry) => form.Correct(Dialect, Table, entry);

    /// <summary>What takes back that a migration is recorded.</summary>
    public async Task<SqlCommand[]> ToForgetAsync(PostgreSqlConnection connection, string version, CancellationToken cancellationToken) =>
    [
        .. await ExistsAsync(connection, cancellationToken).ConfigureAwait(false)
            ? [form.Forget(Table, version)]
            : Array.Empty<SqlCommand>(),
        .. _journal is null ? [] : await _journal.ToForgetAsync(connection, version, cancellationToken).ConfigureAwait(false),
    ];

    /// <summary>The other schemas of the search_path that have such a table.</summary>
    public Task<List<string>> ElsewhereAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) => connection.QueryAsync(
        """
        SELECT other FROM unnest(current_schemas(false)) AS other
        WHERE other <> $1 AND to_regclass(quote_ident(other) || '.' || quote_ident($2)) IS NOT NULL
          AND has_table_privilege(quote_ident(other) || '.' || quote_ident($2), 'SELECT')
        """,
        row => row.GetString(0),
        cancellationToken,
        Schema,
        TableName);

    /// <summary>Whether the tool has a row of its own that says it is at work.</summary>
    public async Task<bool> IsToolAtWorkAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) =>
        form.LockRows(Dialect) is { } rows
        && await PostgreSqlNames.IsThereAsync(connection, TableOfTool(rows.Table), cancellationToken).ConfigureAwait(false)
        && await connection.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM {TableOfTool(rows.Table)} WHERE {rows.Counts})", cancellationToken).ConfigureAwait(false);

    /// <summary>The table's quoted name in a schema.</summary>
    public string TableIn(string other) => $"{PostgreSqlName.Quoted(other)}.{PostgreSqlName.Quoted(form.Table)}";

    private string TableOfTool(string table) => $"{PostgreSqlName.Quoted(schema)}.{PostgreSqlName.Quoted(table)}";

    private async Task<List<HistoryEntry>> WithJournalAsync(
        PostgreSqlConnection connection, IEnumerable<HistoryEntry> kept, CancellationToken cancellationToken) => _journal is null
        ? [.. kept]
        : HistoryMerge.Of(form, kept, await _journal.ReadAsync(connection, cancellationToken).ConfigureAwait(false));

    /// <remarks>Two that create one schema or table at the same time: the slower of them is refused by a unique index of the catalogs.
    /// </remarks>
    private async Task CreateFirstAsync(
        PostgreSqlConnection connection,
        string create,
        TimeSpan lockAttempt,
        CancellationToken cancellationToken)
    {
        if (await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
            return;
        var statements = PostgreSqlSplitter
            .Split(create, (_, _, _) => { }, standardStrings: true)
            .Select(statement => (SqlCommand)statement.Text);
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
            var rows = await connection
                .QueryAsync($"SELECT {_columns} FROM {table}", row => Row(row, first: 0), cancellationToken).ConfigureAwait(false);
            return [.. form.Read(rows)];
        }
        catch (PostgresException foreign) when (foreign.SqlState == PostgresErrorCodes.UndefinedColumn)
        {
            throw HistoryTable.NotOurs(form, foreign.MessageText);
        }
    }

    private async Task<bool> LacksAsync(PostgreSqlConnection connection, string column, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped",
            row => row.GetInt32(0),
            cancellationToken,
            Table,
            column).ConfigureAwait(false)).Count == 0;

    private async Task<bool> ExistsAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) =>
        _exists = await PostgreSqlNames.IsThereAsync(connection, Table, cancellationToken).ConfigureAwait(false);

    private static HistoryRow Row(NpgsqlDataReader row, int first)
    {
        var values = new object?[row.FieldCount - first];
        for (var i = 0; i < values.Length; i++)
            values[i] = row.IsDBNull(first + i) ? null : row.GetValue(first + i);
        return new HistoryRow(Dialect, values);
    }
}
