using System.Globalization;
using System.Text;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>All that a server shows at one moment of its sessions, transactions and locks.</summary>
internal sealed record MySqlSnapshot
{
    /// <summary>The connection that asked.</summary>
    public required int Asker { get; init; }

    /// <summary>The server that was asked.</summary>
    public required MySqlServer Server { get; init; }

    /// <summary>The account that asked.</summary>
    public required string User { get; init; }

    public required IReadOnlyList<MySqlThread> Threads { get; init; }

    /// <summary>Who has the turn's locks: at the side, and at work.</summary>
    public required (int? Side, int? Work) Turn { get; init; }

    /// <summary>Who has a lock of the tool whose history it is, and is not the one that has the turn.</summary>
    public required IReadOnlyList<int> Tools { get; init; }

    public IReadOnlyList<MySqlHeldLock> Locks { get; private init; } = [];

    public IReadOnlyList<MySqlRowWait> RowWaits { get; private init; } = [];

    /// <summary>The ids of prepared XA transactions, as XA COMMIT takes them.</summary>
    public IReadOnlyList<string> Prepared { get; private init; } = [];

    /// <summary>Prepared transactions of InnoDB whose sessions are gone.</summary>
    public IReadOnlyList<MySqlOpenTransaction> WithoutSession { get; private init; } = [];

    /// <summary>Whether transactions are shown to the account: the right PROCESS.</summary>
    public bool SeesTransactions { get; private init; } = true;

    /// <summary>Whether metadata locks are shown.</summary>
    public bool SeesMetadataLocks { get; private init; }

    /// <summary>The statement that would show metadata locks.</summary>
    public string ToSeeMetadataLocks { get; private init; } = "";

    public MySqlThread? Find(int id) => Threads.FirstOrDefault(thread => thread.Id == id);

    public static async Task<MySqlSnapshot> TakeAsync(MySqlLink link, MySqlDatabase database, CancellationToken cancellationToken)
    {
        string[] locks = [database.TurnNames.Side, database.TurnNames.Work, .. database.ToolLocks];
        var (user, holders) = (await link.QueryAsync(
            $"SELECT SUBSTRING_INDEX(USER(), '@', 1){string.Concat(locks.Select(name => $", IS_USED_LOCK({MySqlText.Literal(name)})"))}",
            row => (row.GetString(0), locks.Select((_, i) => (int?)Number(row, i + 1)).ToList()),
            cancellationToken).ConfigureAwait(false))[0];
        var transactions = await AllowedAsync(() => TransactionsAsync(link, cancellationToken)).ConfigureAwait(false);
        var programs = link.Server.HasPerformanceSchema
            ? await AllowedAsync(() => ProgramsAsync(link, cancellationToken)).ConfigureAwait(false) ?? []
            : [];
        var instrument = link.Server.HasPerformanceSchema
            ? await AllowedAsync(() => InstrumentsAsync(link, cancellationToken)).ConfigureAwait(false)
            : [];
        var held = await MetadataLocksAsync(link, instrument is ["YES"], cancellationToken).ConfigureAwait(false);
        var threads = await link
            .QueryAsync("SELECT * FROM information_schema.processlist", Thread, cancellationToken).ConfigureAwait(false);
        return new MySqlSnapshot
        {
            Asker = link.AnnouncedId,
            Server = link.Server,
            User = user,
            Turn = (holders[0], holders[1]),
            Tools = [.. holders.Skip(2).OfType<int>().Except(holders.Take(2).OfType<int>())],
            Threads =
            [
                .. from thread in threads
                   select thread with
                   {
                       Program = programs.FirstOrDefault(program => program.Id == thread.Id).Name,
                       Transaction = transactions?.FirstOrDefault(one => one.Thread == thread.Id),
                   },
            ],
            Locks = held ?? [],
            SeesMetadataLocks = held is not null,
            ToSeeMetadataLocks = instrument is null ? $"GRANT SELECT ON performance_schema.* TO {user}"
                : link.Server.IsMariaDb ? "INSTALL SONAME 'metadata_lock_info'"
                : "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'wait/lock/metadata/sql/mdl'",
            SeesTransactions = transactions is not null,
            WithoutSession = transactions?.FindAll(one => one.Thread == 0) ?? [],
            RowWaits = transactions?.Exists(one => one.IsWaiting) is true
                ? await AllowedAsync(() => RowWaitsAsync(link, cancellationToken)).ConfigureAwait(false) ?? []
                : [],
            Prepared = await AllowedAsync(() => PreparedAsync(link, cancellationToken)).ConfigureAwait(false) ?? [],
        };
    }

    private static Task<List<MySqlOpenTransaction>> TransactionsAsync(MySqlLink link, CancellationToken cancellationToken) =>
        link.QueryAsync(
            "SELECT trx_mysql_thread_id, trx_state = 'LOCK WAIT', TIMESTAMPDIFF(SECOND, trx_started, NOW()) * 1000, trx_rows_modified "
                + "FROM information_schema.innodb_trx",
            row => new MySqlOpenTransaction((int)Number(row, 0)!, Number(row, 1) == 1, Number(row, 2) ?? 0, Number(row, 3) ?? 0),
            cancellationToken);

    private static Task<List<(int Id, string Name)>> ProgramsAsync(MySqlLink link, CancellationToken cancellationToken) => link.QueryAsync(
        "SELECT processlist_id, attr_value FROM performance_schema.session_connect_attrs WHERE attr_name = 'program_name'",
        row => ((int)Number(row, 0)!, row.GetString(1)),
        cancellationToken);

    /// <remarks>
    /// MariaDB has these tables since InnoDB has them; MySQL 8 has others.
    /// <see href="https://mariadb.com/kb/en/information-schema-innodb_lock_waits-table/"/>,
    /// <see href="https://dev.mysql.com/doc/refman/8.0/en/performance-schema-data-lock-waits-table.html"/>
    /// </remarks>
    private static Task<List<MySqlRowWait>> RowWaitsAsync(MySqlLink link, CancellationToken cancellationToken) => link.QueryAsync(
        link.Server.IsMariaDb
            ? """
              SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id, coalesce(l.lock_table, '')
              FROM information_schema.innodb_lock_waits AS w
              JOIN information_schema.innodb_trx AS r ON r.trx_id = w.requesting_trx_id
              JOIN information_schema.innodb_trx AS b ON b.trx_id = w.blocking_trx_id
              LEFT JOIN information_schema.innodb_locks AS l ON l.lock_id = w.requested_lock_id
              """
            : """
              SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id, concat(l.object_schema, '.', l.object_name)
              FROM performance_schema.data_lock_waits AS w
              JOIN information_schema.innodb_trx AS r ON r.trx_id = w.requesting_engine_transaction_id
              JOIN information_schema.innodb_trx AS b ON b.trx_id = w.blocking_engine_transaction_id
              LEFT JOIN performance_schema.data_locks AS l ON l.engine_lock_id = w.requesting_engine_lock_id
              """,
        row => new MySqlRowWait(
            (int)Number(row, 0)!,
            (int)Number(row, 1)!,
            row.GetString(2).Replace("`", "", StringComparison.Ordinal).Split('.')[^1]),
        cancellationToken);

    private static Task<List<string>> InstrumentsAsync(MySqlLink link, CancellationToken cancellationToken) => link.QueryAsync(
        "SELECT enabled FROM performance_schema.setup_instruments WHERE name = 'wait/lock/metadata/sql/mdl'",
        row => row.GetString(0),
        cancellationToken);

    private static async Task<List<MySqlHeldLock>?> MetadataLocksAsync(
        MySqlLink link, bool isInstrumented, CancellationToken cancellationToken)
    {
        if (isInstrumented)
        {
            return await AllowedAsync(() => link.QueryAsync(
                "SELECT t.processlist_id, m.object_type, m.lock_type, m.object_schema, m.object_name, m.lock_status = 'GRANTED' "
                    + "FROM performance_schema.metadata_locks AS m JOIN performance_schema.threads AS t ON t.thread_id = m.owner_thread_id "
                    + "WHERE t.processlist_id IS NOT NULL",
                row => Lock(row, Number(row, 5) == 1),
                cancellationToken)).ConfigureAwait(false);
        }
        return link.Server.IsMariaDb
            ? await AllowedAsync(() => link.QueryAsync(
                "SELECT thread_id, lock_type, lock_mode, table_schema, table_name FROM information_schema.metadata_lock_info",
                row => Lock(row, granted: true),
                cancellationToken)).ConfigureAwait(false)
            : null;
    }

    private static Task<List<string>> PreparedAsync(MySqlLink link, CancellationToken cancellationToken) =>
        link.QueryAsync("XA RECOVER", Xid, cancellationToken);

    // Null where a right or a table is missing: what one account may not see, another may.
    private static async Task<List<T>?> AllowedAsync<T>(Func<Task<List<T>>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (MySqlException missing) when (MySqlErrors.IsDenied(missing) || MySqlErrors.IsMissingTable(missing)
            || missing.ErrorCode is MySqlErrorCode.UnknownTable or MySqlErrorCode.XARBRollback || missing.Number == MissingPrivilege)
        {
            return null;
        }
    }

    // ER_XAER_RMERR, by which MySQL refuses XA RECOVER without XA_RECOVER_ADMIN.
    private const int MissingPrivilege = 1401;

    private static MySqlHeldLock Lock(MySqlDataReader row, bool granted)
    {
        var (type, mode) = (row.GetString(1), row.GetString(2));
        var kind = type.StartsWith("Table meta", StringComparison.OrdinalIgnoreCase) || type == "TABLE" ? MySqlLockKind.Table
            : type.StartsWith("Schema", StringComparison.OrdinalIgnoreCase) ? MySqlLockKind.Schema
            : type.StartsWith("Backup", StringComparison.OrdinalIgnoreCase) || type.StartsWith("Global", StringComparison.OrdinalIgnoreCase)
                || type == "COMMIT" ? MySqlLockKind.Global
            : MySqlLockKind.Other;
        return new MySqlHeldLock(
            (int)Number(row, 0)!,
            kind,
            mode.StartsWith("MDL_", StringComparison.Ordinal) ? mode[4..] : mode,
            Text(row, 3) ?? "",
            Text(row, 4) ?? "",
            granted);
    }

    private static MySqlThread Thread(MySqlDataReader row)
    {
        var columns = Enumerable.Range(0, row.FieldCount).ToDictionary(row.GetName, i => i, StringComparer.OrdinalIgnoreCase);
        var ms = columns.TryGetValue("TIME_MS", out var precise)
            ? (long)Convert.ToDouble(row.GetValue(precise), CultureInfo.InvariantCulture)
            : (Number(row, columns["TIME"]) ?? 0) * 1000;
        return new MySqlThread(
            (int)Number(row, columns["ID"])!,
            Text(row, columns["USER"]),
            Text(row, columns["HOST"]),
            Text(row, columns["DB"]),
            Text(row, columns["COMMAND"]) ?? "",
            Math.Max(0, ms),
            Text(row, columns["STATE"]),
            Text(row, columns["INFO"]));
    }

    // formatID, gtrid_length, bqual_length, data
    private static string Xid(MySqlDataReader row)
    {
        var bytes = row.GetValue(3) is byte[] raw ? raw : Encoding.Latin1.GetBytes(row.GetString(3));
        var (format, length) = (Number(row, 0), (int)Number(row, 1)!);
        string[] parts = [.. new[] { bytes[..length], bytes[length..] }.Select(Part)];
        return parts[1] == "''" && format == 1 ? parts[0] : string.Create(CultureInfo.InvariantCulture, $"{parts[0]},{parts[1]},{format}");
    }

    private static string Part(byte[] bytes) =>
        Array.TrueForAll(bytes, one => one is >= 0x20 and < 0x7F and not (byte)'\'' and not (byte)'\\')
            ? $"'{Encoding.ASCII.GetString(bytes)}'"
            : $"0x{Convert.ToHexString(bytes)}";

    private static long? Number(MySqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);

    private static string? Text(MySqlDataReader row, int column) =>
        row.IsDBNull(column) ? null
        : row.GetValue(column) is byte[] bytes ? Encoding.UTF8.GetString(bytes)
        : Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture);
}
