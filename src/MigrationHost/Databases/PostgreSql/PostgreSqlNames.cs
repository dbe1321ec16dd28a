namespace MigrationHost.Databases.PostgreSql;

/// <summary>What a database has besides our own table.</summary>
internal static class PostgreSqlNames
{
    /// <summary>A column's values as text; none if there is no such table.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="table">The table's quoted name.</param>
    /// <param name="column">The column's name, not quoted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<List<string>> ColumnAsync(
        PostgreSqlConnection connection,
        string table,
        string column,
        CancellationToken cancellationToken) =>
        await IsThereAsync(connection, table, cancellationToken).ConfigureAwait(false)
            ? await connection.QueryAsync(
                $"SELECT {PostgreSqlName.Quoted(column)}::text FROM {table} ORDER BY 1",
                row => row.IsDBNull(0) ? "" : row.GetString(0),
                cancellationToken).ConfigureAwait(false)
            : [];

    /// <summary>
    /// Whether there is such a table. One whose rows are hidden from us would look empty, and everything would be applied again.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="table">The table's quoted name.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MigrationException">Row level security hides rows of it from our role.</exception>
    public static async Task<bool> IsThereAsync(PostgreSqlConnection connection, string table, CancellationToken cancellationToken)
    {
        var (exists, hidden, role) = (await connection.QueryAsync(
            "SELECT to_regclass($1) IS NOT NULL, coalesce(row_security_active(to_regclass($1)), false), current_user::text",
            row => (row.GetBoolean(0), row.GetBoolean(1), row.GetString(2)),
            cancellationToken,
            table).ConfigureAwait(false))[0];
        return !hidden ? exists : throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.DatabaseUnreachable,
            Message = $"{table} has row level security, which can hide rows from role {role}: what is applied cannot be known",
            Hint = $"alter table {table} disable row level security; "
                + $"or, as a superuser: alter role {PostgreSqlName.Quoted(role)} bypassrls",
        });
    }

    /// <summary>The number of a relation, found without a lock on it; null if there is none.</summary>
    public static async Task<uint?> OidAsync(PostgreSqlConnection connection, string table, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            "SELECT to_regclass($1)::oid",
            row => row.IsDBNull(0) ? (uint?)null : row.GetFieldValue<uint>(0),
            cancellationToken,
            table).ConfigureAwait(false))[0];

    /// <summary>
    /// Tables and views of the history's schema that are neither it nor an extension's, and those of the given names in any schema.
    /// </summary>
    public static Task<List<ExistingTable>> TablesAsync(
        PostgreSqlConnection connection,
        PostgreSqlHistory history,
        IReadOnlyCollection<string> everywhere,
        CancellationToken cancellationToken) => connection.QueryAsync(
        $"""
        SELECT relname::text, nspname <> $1,
            ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped)
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
        AND (nspname = $1 AND relname <> $3 OR nspname <> $1 AND relname = ANY ($2))
        AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
        ORDER BY relname
        """,
        row => new ExistingTable(row.GetString(0), row.GetFieldValue<string[]>(2)) { Elsewhere = row.GetBoolean(1) },
        cancellationToken,
        history.DefaultSchema,
        everywhere.ToArray(),
        history.Schema == history.DefaultSchema ? history.TableName : "");

    public static Task<List<string>> AllAsync(
        PostgreSqlConnection connection,
        CancellationToken cancellationToken) => connection.QueryAsync(
        """
        SELECT CASE relkind
                   WHEN 'i' THEN 'index ' WHEN 'I' THEN 'index '
                   WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view '
                   WHEN 'S' THEN 'sequence '
                   ELSE 'table '
               END || relname
        FROM pg_class WHERE relnamespace = current_schema()::regnamespace
        UNION ALL
        SELECT 'column ' || relname || '.' || attname
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
        """,
        row => row.GetString(0),
        cancellationToken);
}
