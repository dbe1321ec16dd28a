using System.Globalization;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>The history: the table of its form and, where that cannot say it, the journal of what was begun.</summary>
/// <param name="form">How it is kept.</param>
/// <param name="database">The connection's database, not quoted.</param>
internal sealed class MySqlHistory(IHistoryForm form, string database)
{
    private static readonly MySqlDialect Dialect = MySqlDialect.Instance;

    // What makes a form say all it can need: DDL commits, so that nothing may be missing once a transaction has begun.
    private static readonly HistoryEntry Everything = new() { Version = "", State = HistoryState.Applied, IsBreaking = true };

    private readonly MySqlHistory? _journal = form.Journal is { } journal ? new MySqlHistory(journal, database) : null;

    private bool _isComplete;

    public IHistoryForm Form => form;

    /// <summary>The database that has the table, not quoted.</summary>
    public string Schema => form.Schema ?? database;

    /// <summary>The table's name, not quoted and without its database.</summary>
    public string TableName => form.Table;

    /// <summary>The table's quoted name.</summary>
    public string Table => MySqlName.Quoted(Schema, form.Table);

    /// <summary>The names of the locks of the tool whose form it is.</summary>
    public IReadOnlyList<string> ToolLocks => form.NamedLocks(database, Schema);

    /// <summary>Makes what is missing of its tables.</summary>
    public async Task CompleteAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        if (_isComplete)
            return;
        var columns = await ColumnsAsync(link, cancellationToken).ConfigureAwait(false);
        if (columns.Count == 0)
        {
            // One way to the server for all of it: nobody may find the table without the row that its tool makes it with.
            await link.ExecuteAsync(cancellationToken, form.Create(Dialect, Table).Select(InInnoDb)).ConfigureAwait(false);
        }
        else if (form.LateColumn is { } late && !columns.Contains(late) && form.AddColumn(Dialect, Table, Everything) is { } add)
            await link.ExecuteAsync(cancellationToken, add).ConfigureAwait(false);
        if (_journal is not null)
            await _journal.CompleteAsync(link, cancellationToken).ConfigureAwait(false);
        _isComplete = true;
    }

    /// <summary>
    /// A number that changes with every change of its rows, the journal's among them: those of one migration left out, which its own run
    /// changes, if the form can tell them. Of a column that is computed with, as the server's times are, only whether it has a value:
    /// what comes out depends on the session's time zone, which a script may set.
    /// </summary>
    /// <remarks>A sum, since the same change of two rows cancels out in BIT_XOR; hexadecimal, since no sql_mode changes that.</remarks>
    public string Fingerprint(string but)
    {
        var values = string.Join(
            ", ",
            from column in ColumnNames(withLate: true)
            select column.Contains('(', StringComparison.Ordinal) ? $"{column} IS NULL" : $"COALESCE(HEX({column}), '-')");
        var others = form.Condition is { } one ? MySqlText.Of(new SqlCommand($" WHERE ({one}) IS NOT TRUE", but)) : "";
        var sum = $"(SELECT COALESCE(SUM(CRC32(CONCAT_WS(' ', {values})) + {1L << 32}), 0) FROM {Table}{others})";
        return _journal is null ? sum : $"({sum} + {_journal.Fingerprint(but)})";
    }

    /// <summary>Whether a run of a migration leaves the fingerprint but for it as it is.</summary>
    public bool HasRowsOfEach => form.Condition is not null;

    /// <summary>Begins a transaction, takes the lock that a row will need, and looks for what is known of a migration.</summary>
    /// <returns>What is known, and the fingerprint before.</returns>
    public async Task<(IReadOnlyList<HistoryEntry> Known, decimal Before)> BeginAsync(
        MySqlLink link, string version, TimeSpan lockAttempt, CancellationToken cancellationToken)
    {
        var limits = MySqlSql.ForOurStatements(lockAttempt);
        if (!_isComplete)
        {
            await link.ExecuteAsync(cancellationToken, limits).ConfigureAwait(false);
            await CompleteAsync(link, cancellationToken).ConfigureAwait(false);
        }
        var condition = form.Condition is { } some ? $" WHERE {some}" : "";
        var columns = string.Join(", ", ColumnNames(withLate: true));

        // One way to the server for all of it.
        var sql = new SqlCommand(
            $"{limits.Text};\nSELECT {Fingerprint(version)};\n{MySqlSql.Begin};\nSELECT {columns} FROM {Table}{condition} FOR UPDATE",
            form.Condition is null ? [] : [version]);
        var rows = await link.QueryAsync(sql, Row, cancellationToken).ConfigureAwait(false);
        var kept = form.Read(rows[1..]);
        IReadOnlyList<HistoryEntry> known = _journal is null ? [.. kept]
            : HistoryMerge.Of(form, kept, await _journal.RowsAsync(link, withLate: true, cancellationToken).ConfigureAwait(false));
        return (known, rows[0].Decimal(0));
    }

    /// <summary>All of it; nothing if there is no table yet.</summary>
    /// <exception cref="MigrationException">The table is somebody else's.</exception>
    public async Task<List<HistoryEntry>> ReadAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        var kept = await ReadTableAsync(link, cancellationToken).ConfigureAwait(false);
        return _journal is null ? kept
            : HistoryMerge.Of(form, kept, await _journal.ReadAsync(link, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The name of the journal's table if it is no more than that: as a history of its own it would have what was
    /// applied.</summary>
    public async Task<string?> JournalAloneAsync(MySqlLink link, CancellationToken cancellationToken) =>
        _journal is not null && !(await _journal.ReadAsync(link, cancellationToken).ConfigureAwait(false))
            .Exists(entry => entry.State == HistoryState.Applied)
            ? _journal.TableName
            : null;

    /// <summary>
    /// Asks the table itself, if there is one: the catalog hides it from an account without a right on it, and answers also on a node that
    /// is out of its cluster.
    /// </summary>
    /// <exception cref="MySqlException">It may not be read.</exception>
    /// <exception cref="ConnectionLostException">The node is out of its cluster.</exception>
    public async Task AskAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        try
        {
            await link.QueryAsync($"SELECT 1 FROM {Table} LIMIT 0", _ => true, cancellationToken).ConfigureAwait(false);
        }
        catch (MySqlException missing) when (MySqlErrors.IsMissingTable(missing))
        {
            // There is none.
        }
    }

    /// <summary>What records a migration.</summary>
    public IReadOnlyList<SqlCommand> ToWrite(HistoryEntry entry)
    {
        var rows = HistoryMerge.Keeps(form, entry) ? form.Write(Dialect, Table, entry) : [];
        return _journal is null ? rows
            : entry.State == HistoryState.Applied ? [.. rows, .. _journal.ToForget(entry.Version)]
            : [.. rows, .. _journal.ToWrite(entry)];
    }

    /// <summary>What puts another checksum into the row of a migration.</summary>
    public IReadOnlyList<SqlCommand> ToCorrect(HistoryEntry entry) => form.Correct(Dialect, Table, entry);

    /// <summary>What takes back that a migration is recorded.</summary>
    public IReadOnlyList<SqlCommand> ToForget(string version) =>
        [form.Forget(Table, version), .. _journal?.ToForget(version) ?? []];

    /// <summary>Whether the tool itself migrates: it has one of its locks, or a row of its own says so.</summary>
    public async Task<bool> IsToolAtWorkAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        string[] signs = [.. ToolLocks.Select(name => $"IS_USED_LOCK({MySqlText.Literal(name)}) IS NOT NULL")];
        return signs.Length > 0
            && Convert.ToBoolean(
                await link.ScalarAsync($"SELECT {string.Join(" OR ", signs)}", cancellationToken).ConfigureAwait(false),
                CultureInfo.InvariantCulture)
            || form.LockRows(Dialect) is var (table, counts)
            && await HasRowAsync(link, table, counts, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> HasRowAsync(MySqlLink link, string table, string counts, CancellationToken cancellationToken)
    {
        try
        {
            var sql = $"SELECT 1 FROM {MySqlName.Quoted(database, table)} WHERE {counts} LIMIT 1";
            return (await link.QueryAsync(sql, _ => true, cancellationToken).ConfigureAwait(false)).Count > 0;
        }
        catch (MySqlException missing) when (MySqlErrors.IsMissingTable(missing))
        {
            return false;
        }
    }

    private async Task<List<HistoryEntry>> ReadTableAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        var columns = await ColumnsAsync(link, cancellationToken).ConfigureAwait(false);
        if (columns.Count == 0)
            return [];
        var withLate = form.LateColumn is { } late && columns.Contains(late);
        return await RowsAsync(link, withLate, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<HistoryEntry>> RowsAsync(MySqlLink link, bool withLate, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", ColumnNames(withLate));
        try
        {
            return [.. form.Read(await link.QueryAsync($"SELECT {names} FROM {Table}", Row, cancellationToken).ConfigureAwait(false))];
        }
        catch (MySqlException foreign) when (MySqlErrors.IsMissingColumn(foreign))
        {
            throw HistoryTable.NotOurs(form, foreign.Message);
        }
    }

    private IEnumerable<string> ColumnNames(bool withLate) =>
        withLate && form.LateColumn is { } late ? [.. form.Columns(Dialect), late] : form.Columns(Dialect);

    // A table of ours has transactions, whatever the server's default is.
    private static SqlCommand InInnoDb(SqlCommand command) =>
        command.Text.StartsWith("CREATE TABLE", StringComparison.OrdinalIgnoreCase)
            ? command with { Text = $"{command.Text.TrimEnd().TrimEnd(';')} ENGINE=InnoDB" }
            : command;

    private async Task<HashSet<string>> ColumnsAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        var found = await link.QueryAsync(
            new SqlCommand(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2", Schema, TableName),
            row => row.GetString(0),
            cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
            await AskAsync(link, cancellationToken).ConfigureAwait(false);
        return found.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static HistoryRow Row(MySqlDataReader row)
    {
        var values = new object?[row.FieldCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = Value(row, i);
        return new HistoryRow(Dialect, values);
    }

    private static object? Value(MySqlDataReader row, int column)
    {
        try
        {
            return row.IsDBNull(column) ? null : row.GetValue(column);
        }
        catch (Exception e) when (e is InvalidCastException or ArgumentOutOfRangeException or FormatException)
        {
            // No time for .NET: 0000-00-00, or 2026-02-31 as ALLOW_INVALID_DATES lets it in.
            return null;
        }
    }
}
