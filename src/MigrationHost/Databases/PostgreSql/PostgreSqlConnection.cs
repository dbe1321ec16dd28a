using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// One connection to the server. A connection that breaks says so in one way only: <see cref="ConnectionLostException"/>.
/// </summary>
internal sealed class PostgreSqlConnection : IAsyncDisposable
{
    private static readonly TimeSpan LongestRollBack = TimeSpan.FromSeconds(2);

    private readonly NpgsqlConnection _connection;
    private readonly Dictionary<string, NpgsqlCommand> _prepared = [];
    private volatile bool _isRollingBack;

    // A broken connection would no longer report these.
    private PostgreSqlConnection(NpgsqlConnection connection) =>
        (_connection, AnnouncedPid, Server, ServerVersion) = (
            connection,
            connection.ProcessID,
            (connection.Host!, connection.Port),
            connection.PostgreSqlVersion);

    /// <summary>A message of the server: its severity and its text.</summary>
    public event Action<string, string>? Noticed;

    /// <summary>Whether it is known to be of no more use.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>What the driver was told about its backend at the start. A proxy in between reports its own values.</summary>
    public int AnnouncedPid { get; }

    /// <summary>A comment in front of every statement, for others to read in pg_stat_activity.</summary>
    public string? Comment { get; set; }

    public Version ServerVersion { get; }

    /// <summary>The database that it is connected to.</summary>
    public string DatabaseName => _connection.Database;

    public (string Host, int Port) Server { get; }

    public bool StandardStrings => Parameter("standard_conforming_strings") != "off";

    /// <summary>What a statement may have made of it, as the server reports it after each.</summary>
    public bool SpeaksUtf8 => Parameter(PostgreSqlEncoding.Setting) is not { } encoding || PostgreSqlEncoding.IsUtf8(encoding);

    /// <summary>Opens the driver's connection.</summary>
    /// <exception cref="NpgsqlException">The server cannot be reached, or refuses.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Works with a connection that is open, and is its owner from now on.</summary>
    public static PostgreSqlConnection Of(NpgsqlConnection connection)
    {
        var opened = new PostgreSqlConnection(connection);
        connection.Notice += (_, e) => opened.Hear(e.Notice);
        return opened;
    }

    /// <summary>Runs statements in one round trip. What comes after one that is refused is not run.</summary>
    /// <exception cref="PostgresException">The server refused one of them.</exception>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public Task ExecuteAsync(CancellationToken cancellationToken, params SqlCommand[] commands) => GuardAsync(async () =>
    {
        var batch = Batch(commands);
        await using var disposed = batch.ConfigureAwait(false);
        return await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    });

    /// <summary>Runs statements in one round trip, and reads all rows of the one that gives any.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public Task<List<T>> QueryAsync<T>(
        SqlCommand[] commands,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        var batch = Batch(commands);
        await using var disposed = batch.ConfigureAwait(false);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closed = reader.ConfigureAwait(false);
        var rows = new List<T>();
        do
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                rows.Add(read(reader));
        }
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
        return rows;
    });

    /// <summary>Reads all rows of a query.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public Task<List<T>> QueryAsync<T>(
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken,
        params object?[] values) =>
        QueryAsync([new SqlCommand(sql, values)], read, cancellationToken);

    /// <summary>
    /// Reads all rows of a query that is asked again and again: the server plans it once, until the <see cref="Comment"/> changes.
    /// </summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public Task<List<T>> QueryOftenAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values) => GuardAsync(async () =>
    {
        var command = await PreparedAsync(sql, values, cancellationToken).ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closed = reader.ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));
        return rows;
    });

    /// <summary>Reads the one value of a query.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken, params object?[] values) =>
        (await QueryAsync(sql, row => row.GetFieldValue<T>(0), cancellationToken, values).ConfigureAwait(false))[0];

    /// <summary>
    /// Rolls back what is open. A connection that does not even answer to that is closed, and the server rolls back when it finds out.
    /// </summary>
    public async Task TryRollBackAsync()
    {
        if (IsBroken)
            return;
        using var limit = new CancellationTokenSource(LongestRollBack);
        try
        {
            // What the server says of it is not the script's: that there is no transaction, for one.
            _isRollingBack = true;
            await ExecuteAsync(limit.Token, "ROLLBACK").ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or PostgresException or OperationCanceledException)
        {
            IsBroken = true;
        }
        finally
        {
            _isRollingBack = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        foreach (var command in _prepared.Values)
            await command.DisposeAsync().ConfigureAwait(false);
    }

    // A batch is sent as it is; a command's text would be searched for parameters and semicolons.
    private NpgsqlBatch Batch(SqlCommand[] commands)
    {
        var batch = new NpgsqlBatch(_connection) { Timeout = 0 };
        foreach (var command in commands)
        {
            var sent = new NpgsqlBatchCommand(Comment + command.Text);
            foreach (var value in command.Values)
                sent.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
            batch.BatchCommands.Add(sent);
        }
        return batch;
    }

    private async Task<NpgsqlCommand> PreparedAsync(string sql, object[] values, CancellationToken cancellationToken)
    {
        if (_prepared.Remove(sql, out var command) && command.CommandText != Comment + sql)
        {
            await command.UnprepareAsync(cancellationToken).ConfigureAwait(false);
            await command.DisposeAsync().ConfigureAwait(false);
            command = null;
        }
        if (command is null)
        {
            command = new NpgsqlCommand(Comment + sql, _connection) { CommandTimeout = 0 };
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return _prepared[sql] = command;
    }

    private string? Parameter(string name) => _connection.PostgresParameters.GetValueOrDefault(name);

    private void Hear(PostgresNotice notice)
    {
        if (!_isRollingBack)
            Noticed?.Invoke(notice.Severity, notice.MessageText);
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.IsLost(e))
        {
            IsBroken = true;
            throw new ConnectionLostException(PostgreSqlErrors.MessageOf(e), e);
        }
    }
}
