using System.Buffers;
using System.Text;
using MigrationHost.Scripts;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The driver's raw interface to one open file. Every call returns at once, granted or refused: the driver's own commands would
/// retry a busy one in a loop that nothing can end.
/// </summary>
/// <remarks>For one thread at a time, except <see cref="Interrupt"/>.</remarks>
internal sealed class RawSqlite : IDisposable
{
    /// <summary>Between two looks at whether the run was cancelled: well below a millisecond of work.</summary>
    private const int InstructionsPerTick = 10_000;

    /// <summary>As often as SQLite itself begins anew with a statement whose schema changes while it runs (SQLITE_MAX_SCHEMA_RETRY).
    /// </summary>
    private const int SchemaRetries = 50;

    private readonly SqliteConnection _connection;
    private readonly Lock _closing = new();
    private readonly SqliteBusyHandler _busy;
    private bool? _enforcesForeignKeys;
    private delegate_authorizer? _authorizer;
    private bool _closed;

    private RawSqlite(SqliteConnection connection, FileAtRest? atRest)
    {
        (_connection, AtRest) = (connection, atRest);
        Handle = connection.Handle!;
        _ = raw.sqlite3_busy_timeout(Handle, 0);
        _busy = new SqliteBusyHandler(Handle);
    }

    public sqlite3 Handle { get; }

    /// <summary>The file's full path.</summary>
    public string Path => raw.sqlite3_db_filename(Handle, "main").utf8_to_string();

    /// <summary>As what it was opened if it is read as immutable; else null.</summary>
    public FileAtRest? AtRest { get; }

    public bool IsReadOnly => raw.sqlite3_db_readonly(Handle, "main") == 1;

    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>Opens the file; nothing of it is read yet.</summary>
    /// <param name="connectionString">The file and how to open it.</param>
    /// <param name="open">Opens the driver's connection.</param>
    /// <param name="atRest">What was seen of the file if it is opened as immutable.</param>
    /// <exception cref="SqliteFailure">It cannot be opened.</exception>
    /// <exception cref="MigrationException">SQLite itself cannot be loaded.</exception>
    public static RawSqlite Open(string connectionString, Action<SqliteConnection> open, FileAtRest? atRest = null)
    {
        var connection = Connection(connectionString);
        try
        {
            open(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new SqliteFailure(e.SqliteExtendedErrorCode, e.Message);
        }
        catch (Exception)
        {
            connection.Dispose();
            throw;
        }
        var sqlite = new RawSqlite(connection, atRest);
        _ = raw.sqlite3_extended_result_codes(sqlite.Handle, 1);
        return sqlite;
    }

    /// <summary>Lets SQLite wait for a lock inside a statement for as long as the callback says so; null for not at all.</summary>
    public void WhenBusy(Func<bool>? tryAgain) => _busy.TryAgain = tryAgain;

    /// <summary>Lets it wait so again after a script's PRAGMA busy_timeout, which would have it wait silently, and deaf to a cancel.
    /// </summary>
    public void WaitAsBefore() => _busy.Install();

    /// <summary>Switches foreign keys on or off; says so only if it changes, since SQLite then goes through every table it knows.</summary>
    public void EnforceForeignKeys(bool on)
    {
        if (_enforcesForeignKeys == on)
            return;
        Execute($"PRAGMA foreign_keys = {(on ? "ON" : "OFF")}");
        _enforcesForeignKeys = on;
    }

    /// <summary>Asks the callback what a statement may do that is compiled. SQLite is told of it once: with each other authorizer it would
    /// compile all statements anew.</summary>
    public void Ask(delegate_authorizer authorizer)
    {
        if (_authorizer is null)
            _ = raw.sqlite3_set_authorizer(Handle, (user, action, a, b, c, d) => _authorizer!(user, action, a, b, c, d), null);
        _authorizer = authorizer;
    }

    /// <summary>Calls back while SQL runs; true from the callback ends it with SQLITE_INTERRUPT.</summary>
    public void OnTick(Func<bool> endNow) => raw.sqlite3_progress_handler(Handle, InstructionsPerTick, _ => endNow() ? 1 : 0, null);

    /// <summary>Compiles the statement at the start of a text that ends with NUL.</summary>
    /// <param name="sql">The text; more statements may follow.</param>
    /// <param name="length">How many bytes the statement has.</param>
    /// <exception cref="SqliteFailure">It is not a valid statement, or was not authorized.</exception>
    public sqlite3_stmt Prepare(ReadOnlySpan<byte> sql, out int length)
    {
        var code = raw.sqlite3_prepare_v2(Handle, sql, out var statement, out var tail);

        // SQLite reads a schema anew that has changed meanwhile, and gives up if another process changes it again just then.
        for (var tries = 0; code == raw.SQLITE_SCHEMA && tries < SchemaRetries; tries++)
            code = raw.sqlite3_prepare_v2(Handle, sql, out statement, out tail);
        length = sql.Length - tail.Length;
        return code == raw.SQLITE_OK ? statement : throw Failure(code, SqliteNative.ErrorOffset(Handle));
    }

    /// <summary>Runs a compiled statement to its end and drops its rows.</summary>
    /// <exception cref="SqliteFailure">It failed, or was refused a lock.</exception>
    public void RunToEnd(sqlite3_stmt statement)
    {
        int code;
        do
            code = raw.sqlite3_step(statement);
        while (code == raw.SQLITE_ROW);
        if (code != raw.SQLITE_DONE)
            throw Failure(code);
    }

    /// <summary>Runs one statement.</summary>
    /// <exception cref="SqliteFailure">It failed, or was refused a lock.</exception>
    public void Execute(string sql, params ReadOnlySpan<object?> values)
    {
        using var statement = Prepare(sql, values);
        RunToEnd(statement);
    }

    /// <inheritdoc cref="Execute(string, ReadOnlySpan{object})"/>
    public void Execute(SqlCommand command) => Execute(command.Text, command.Values);

    /// <summary>All values of a row.</summary>
    public static object?[] Values(sqlite3_stmt row)
    {
        var values = new object?[raw.sqlite3_column_count(row)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = raw.sqlite3_column_type(row, i) switch
            {
                raw.SQLITE_NULL => null,
                raw.SQLITE_INTEGER => raw.sqlite3_column_int64(row, i),
                raw.SQLITE_FLOAT => raw.sqlite3_column_double(row, i),
                raw.SQLITE_BLOB => raw.sqlite3_column_blob(row, i).ToArray(),
                _ => raw.sqlite3_column_text(row, i).utf8_to_string(),
            };
        }
        return values;
    }

    /// <summary>Runs one statement; false if it was refused a lock.</summary>
    /// <exception cref="SqliteFailure">It failed.</exception>
    public bool TryExecute(string sql)
    {
        try
        {
            Execute(sql);
            return true;
        }
        catch (SqliteFailure refused) when (refused.IsBusy)
        {
            return false;
        }
    }

    /// <summary>Reads all rows of one statement.</summary>
    /// <exception cref="SqliteFailure">It failed, or was refused a lock.</exception>
    public List<T> Query<T>(string sql, Func<sqlite3_stmt, T> read, params ReadOnlySpan<object?> values)
    {
        using var statement = Prepare(sql, values);
        var rows = new List<T>();
        int code;
        while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            rows.Add(read(statement));
        return code == raw.SQLITE_DONE ? rows : throw Failure(code);
    }

    /// <summary>Ends what runs right now, from any thread. Does nothing between two statements, nor once closed.</summary>
    public void Interrupt()
    {
        lock (_closing)
        {
            if (!_closed)
                raw.sqlite3_interrupt(Handle);
        }
    }

    public void Dispose()
    {
        lock (_closing)
        {
            if (_closed)
                return;
            _closed = true;
        }
        _connection.Dispose();
        _busy.Dispose();
    }

    // The first one loads SQLite itself.
    private static SqliteConnection Connection(string connectionString)
    {
        try
        {
            return new SqliteConnection(connectionString);
        }
        catch (TypeInitializationException e) when (e.GetBaseException() is TypeLoadException or BadImageFormatException)
        {
            throw SqliteErrors.NotLoaded(e);
        }
    }

    private sqlite3_stmt Prepare(string sql, ReadOnlySpan<object?> values)
    {
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(sql.Length) + 1);
        sqlite3_stmt statement;
        try
        {
            var length = Encoding.UTF8.GetBytes(sql, utf8);
            utf8[length] = 0;
            statement = Prepare(utf8.AsSpan(0, length + 1), out _);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
        for (var i = 0; i < values.Length; i++)
        {
            _ = values[i] switch
            {
                null => raw.sqlite3_bind_null(statement, i + 1),
                string text => raw.sqlite3_bind_text(statement, i + 1, text),
                byte[] bytes => raw.sqlite3_bind_blob(statement, i + 1, bytes),
                var number =>
                    raw.sqlite3_bind_int64(statement, i + 1, Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture)),
            };
        }
        return statement;
    }

    private SqliteFailure Failure(int code, int? offset = null)
    {
        var extended = raw.sqlite3_extended_errcode(Handle);
        var message = raw.sqlite3_errmsg(Handle).utf8_to_string();
        return new SqliteFailure((extended & 0xFF) == (code & 0xFF) ? extended : code, message, offset, SqliteNative.SystemError(Handle));
    }
}
