using System.Data;
using System.Globalization;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// One connection to the server, asked one question at a time. One that breaks says so in one way only:
/// <see cref="ConnectionLostException"/>.
/// </summary>
internal sealed class MySqlLink : IAsyncDisposable
{
    private static readonly TimeSpan LongestRollBack = TimeSpan.FromSeconds(2);

    /// <summary>
    /// So long a cancelled statement may take to be answered. The driver asks the server to end it on a connection of its own, and waits
    /// without end for an answer that a cut network does not bring.
    /// </summary>
    private static readonly TimeSpan LongestLetGo = TimeSpan.FromSeconds(2);

    /// <summary>ER_WARNING_NOT_COMPLETE_ROLLBACK.</summary>
    private const int NotAllRolledBack = 1196;

    private readonly MySqlConnection _connection;
    private readonly SemaphoreSlim _one = new(1);
    private Task _unanswered = Task.CompletedTask;
    private bool _listens;

    private MySqlLink(MySqlConnection connection) =>
        (_connection, AnnouncedId, Server) = (connection, connection.ServerThread, new MySqlServer(connection.ServerVersion));

    /// <summary>A warning of the server about a statement of a script: its level and its text.</summary>
    public event Action<string, string>? Warned;

    /// <summary>Whether it is known to be of no more use.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>What the driver was told at the start. A proxy in between reports a number of its own.</summary>
    public int AnnouncedId { get; }

    /// <summary>The session that answers, and its client's host and port as the server sees them.</summary>
    public MySqlClient Client { get; private set; } = new(0, null);

    public MySqlServer Server { get; private set; }

    /// <summary>Who looks from the side, and finds out that the server is out of reach: then no answer is waited for. Null if nobody
    /// does.</summary>
    public MySqlSide? Side { get; set; }

    /// <summary>A comment in front of every statement, for others to read in the processlist.</summary>
    public string? Comment { get; set; }

    /// <exception cref="MySqlException">The server cannot be reached, or refuses.</exception>
    public static async Task<MySqlLink> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new MySqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var opened = new MySqlLink(connection);
            await opened.LearnAsync(cancellationToken).ConfigureAwait(false);
            return opened;
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>From now on warnings are fetched: one way to the server more for each statement that has some.</summary>
    public void Listen() => _listens = true;

    /// <summary>Runs statements in one round trip. What comes after one that is refused is not run.</summary>
    /// <exception cref="MySqlException">The server refused one of them.</exception>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public Task ExecuteAsync(CancellationToken cancellationToken, params IEnumerable<SqlCommand> commands) => GuardAsync(
        async () =>
        {
            var command = Command(string.Join(";\n", commands.Select(MySqlText.Of)));
            await using var disposed = command.ConfigureAwait(false);
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Runs a statement of a script as it stands.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    /// <param name="statement">The statement.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="quietly">Whether its warnings are left where they are: to fetch them is a statement, too.</param>
    public async Task RunAsync(string statement, CancellationToken cancellationToken, bool quietly = false)
    {
        if (_listens && !quietly)
            _connection.InfoMessage += Hear;
        try
        {
            await ExecuteAsync(cancellationToken, statement).ConfigureAwait(false);
        }
        finally
        {
            _connection.InfoMessage -= Hear;
        }

        // MySQL ends SLEEP() without an error when it is cancelled.
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Reads all rows.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public Task<List<T>> QueryAsync<T>(SqlCommand sql, Func<MySqlDataReader, T> read, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            var command = Command(MySqlText.Of(sql));
            await using var disposed = command.ConfigureAwait(false);
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var closed = reader.ConfigureAwait(false);
            var rows = new List<T>();
            do
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(read(reader));
            }
            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
            return rows;
        },
        cancellationToken);

    /// <summary>Reads the one value of a query; null if it is NULL.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public async Task<object?> ScalarAsync(SqlCommand sql, CancellationToken cancellationToken) =>
        (await QueryAsync(sql, row => row.IsDBNull(0) ? null : row.GetValue(0), cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Shows the server that somebody is there, unless it is asked something just now: that must not be waited for.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        if (_one.CurrentCount > 0)
            await ExecuteAsync(cancellationToken, "DO 1").ConfigureAwait(false);
    }

    /// <summary>Makes the session as it is after connecting. It gives up its locks, those of the turn among them.</summary>
    /// <remarks><see href="https://dev.mysql.com/doc/c-api/8.0/en/mysql-reset-connection.html"/></remarks>
    public Task ResetAsync(string? schema, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await _connection.ResetConnectionAsync(cancellationToken).ConfigureAwait(false);
            if (schema is not null)
                await _connection.ChangeDatabaseAsync(schema, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>
    /// Rolls back what is open. A connection that does not even answer to that is closed, and the server rolls back when it finds out.
    /// </summary>
    /// <returns>Whether something stays all the same, since its table has no transactions.</returns>
    public async Task<bool> TryRollBackAsync()
    {
        if (IsBroken)
            return false;
        using var limit = new CancellationTokenSource(LongestRollBack);
        try
        {
            var warnings = await QueryAsync(
                $"{MySqlSql.RollBack};\nSHOW WARNINGS",
                row => Convert.ToInt32(row.GetValue(1), CultureInfo.InvariantCulture),
                limit.Token).ConfigureAwait(false);
            return warnings.Contains(NotAllRolledBack);
        }
        catch (Exception e) when (e is ConnectionLostException or MySqlException or OperationCanceledException)
        {
            IsBroken = true;
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_unanswered.IsCompleted)
            await _connection.DisposeAsync().ConfigureAwait(false);
        else
            _ = DisposeOnceAnsweredAsync();
        _one.Dispose();
    }

    // The driver closes no connection before it has its answer; TCP keepalive or the other end brings one.
    private async Task DisposeOnceAnsweredAsync()
    {
        await _unanswered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LearnAsync(CancellationToken cancellationToken)
    {
        var times = await QueryAsync(
            $"{MySqlSql.WholeAnswers};\nSELECT UNIX_TIMESTAMP();\nSHOW GLOBAL STATUS LIKE 'Uptime'",
            row => Convert.ToInt64(row.GetValue(row.FieldCount - 1), CultureInfo.InvariantCulture),
            cancellationToken).ConfigureAwait(false);
        Client = (await QueryAsync(MySqlClient.Question, MySqlClient.Read, cancellationToken).ConfigureAwait(false))[0];
        var rows = await QueryAsync(MySqlServer.Question, row => (row.GetString(0), row.GetString(1)), cancellationToken)
            .ConfigureAwait(false);
        Server = Server.With(rows) with { Started = DateTimeOffset.FromUnixTimeSeconds(times[0] - times[1]).UtcDateTime };
    }

    private void Hear(object sender, MySqlInfoMessageEventArgs e)
    {
        foreach (var one in e.Errors)
            Warned?.Invoke(one.Level, MySqlErrors.OfScript((int)one.ErrorCode, one.Message));
    }

    private MySqlCommand Command(string sql) => new(Comment + sql, _connection) { CommandTimeout = 0 };

    private async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _unanswered.IsCompleted
                ? await AnswerAsync(work(), cancellationToken).ConfigureAwait(false)
                : throw new ConnectionLostException("an earlier statement was not answered");
        }
        catch (Exception e) when (e is not OperationCanceledException
            && (MySqlErrors.IsLost(e) || _connection.State != ConnectionState.Open))
        {
            IsBroken = true;
            throw new ConnectionLostException(MySqlErrors.MessageOf(e), e);
        }
        catch (OperationCanceledException) when (_connection.State != ConnectionState.Open)
        {
            IsBroken = true;
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<T> AnswerAsync<T>(Task<T> work, CancellationToken cancellationToken)
    {
        var side = Side;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, side?.Lost ?? default);
        try
        {
            return await work.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!work.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            (_unanswered, IsBroken) = (work, true);
            throw side!.LostBecause;
        }
        catch (OperationCanceledException) when (!work.IsCompleted)
        {
            try
            {
                return await work.WaitAsync(LongestLetGo, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!work.IsCompleted)
            {
                (_unanswered, IsBroken) = (work, true);
                throw new OperationCanceledException(cancellationToken);
            }
        }
    }
}
