using System.Globalization;
using System.Security.Cryptography;
using MySqlConnector;

namespace MigrationHost.Testing;

/// <summary>What is done on a server besides copying: names, turns, and removing what is left.</summary>
/// <remarks>Every process holds a lock (GET_LOCK) whose name is the beginning of the names of its databases. The server frees it when the
/// process is gone, however it went: databases whose lock nobody holds are left over.</remarks>
/// <param name="server">How to connect to it.</param>
internal sealed class MySqlTestServer(MySqlConnectionStringBuilder server)
{
    public const string TemplatePrefix = "migrationhost_template_";

    private const string TestPrefix = "migrationhost_test_";

    /// <summary>The table that a template has when it is complete. Its comment says when the template was used last.</summary>
    public const string Mark = "migrationhost_template";

    /// <summary>The longest that the server lets a session sleep: longer than any test run.</summary>
    private const int LongestSleepSeconds = 31_536_000;

    /// <summary>How long a session that was ended may take to let go of a database that is dropped.</summary>
    private const int DropSeconds = 60;

    // Names of ours and no others: what is found by these is dropped.
    private const string Leftovers = $$"""
        SELECT schema_name FROM information_schema.schemata WHERE schema_name REGEXP '^{{TestPrefix}}[0-9a-f]{16}_[0-9]+$'
        AND IS_FREE_LOCK(SUBSTRING_INDEX(schema_name, '_', 3))
        """;

    private const string TemplateName = $"'^{TemplatePrefix}[0-9a-f]{{32}}$'";

    private const string OldTemplates = $"""
        SELECT table_schema FROM information_schema.tables WHERE table_name = '{Mark}'
        AND table_schema REGEXP {TemplateName} AND table_comment < CURRENT_DATE - INTERVAL 7 DAY
        """;

    private const string UnfinishedTemplates = $"""
        SELECT schema_name FROM information_schema.schemata WHERE schema_name REGEXP {TemplateName}
        AND schema_name NOT IN (SELECT table_schema FROM information_schema.tables WHERE table_name = '{Mark}')
        """;

    // No database of its own: the one that was configured stays as it is, and need not be there.
    private readonly string _connectionString = new MySqlConnectionStringBuilder(server.ConnectionString)
    {
        Database = "",
        DefaultCommandTimeout = 0,
        AllowUserVariables = true,
    }.ConnectionString;

    private readonly Lock _registering = new();
    private Task<(string Process, MySqlConnection Alive)>? _registration;
    private int _last;

    /// <summary>A name for a database of this process.</summary>
    public async Task<string> NewNameAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var registration = Registration();
            var (process, alive) = await registration.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!await IsFreeAsync(process, cancellationToken).ConfigureAwait(false))
                return string.Create(CultureInfo.InvariantCulture, $"{process}_{Interlocked.Increment(ref _last)}");

            // The server was started anew, or has ended the session.
            _ = Interlocked.CompareExchange(ref _registration, null, registration);
            await alive.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async Task<T> WithAsync<T>(Func<MySqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        var connection = new MySqlConnection(_connectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return await work(connection).ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="WithAsync{T}"/>
    public Task WithAsync(Func<MySqlConnection, Task> work, CancellationToken cancellationToken) => WithAsync(
        async connection =>
        {
            await work(connection).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public Task RunAsync(string sql, CancellationToken cancellationToken) =>
        WithAsync(connection => connection.RunAsync(sql, cancellationToken), cancellationToken);

    /// <summary>Creates a database with the character set of another one; with utf8mb4 if that is not there.</summary>
    public Task CreateAsync(string database, string like, CancellationToken cancellationToken) => WithAsync(
        async connection => await connection.RunAsync(
            $"CREATE DATABASE {database} {await connection.FormOfAsync(like, cancellationToken).ConfigureAwait(false)}",
            cancellationToken).ConfigureAwait(false),
        cancellationToken);

    /// <summary>Drops a database; sessions that use it are ended.</summary>
    public Task DropAsync(string database, CancellationToken cancellationToken) => WithAsync(
        async connection =>
        {
            foreach (var id in await connection.TextsAsync(
                $"SELECT id FROM information_schema.processlist WHERE db = '{database}' AND id <> CONNECTION_ID()",
                cancellationToken).ConfigureAwait(false))
                await EndAsync(connection, id, cancellationToken).ConfigureAwait(false);
            return await connection.RunAsync(
                string.Create(
                    CultureInfo.InvariantCulture, $"SET lock_wait_timeout = {DropSeconds}; DROP DATABASE IF EXISTS {database}"),
                cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Says that a template is complete.</summary>
    public Task MarkAsync(string template, CancellationToken cancellationToken) =>
        RunAsync($"CREATE TABLE {template}.{Mark} (id INTEGER PRIMARY KEY) COMMENT = '{Today}'", cancellationToken);

    /// <summary>Notes with a template that it was used, so that it is not removed as an old one.</summary>
    /// <returns>Whether there is a complete one.</returns>
    public async Task<bool> TryRememberUseAsync(string template, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync($"ALTER TABLE {template}.{Mark} COMMENT = '{Today}'", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MySqlException e) when (e.ErrorCode is MySqlErrorCode.NoSuchTable or MySqlErrorCode.UnknownDatabase)
        {
            return false;
        }
    }

    /// <summary>Waits until nobody else makes this template.</summary>
    public async Task<IAsyncDisposable> TakeTurnAsync(string template, CancellationToken cancellationToken) =>
        (await LockAsync(template, LongestSleepSeconds, cancellationToken).ConfigureAwait(false))!;

    private static string Today => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private Task<(string Process, MySqlConnection Alive)> Registration()
    {
        lock (_registering)
        {
            if (_registration is null or { IsFaulted: true })
                _registration = RegisterAsync();
            return _registration;
        }
    }

    private async Task<(string Process, MySqlConnection Alive)> RegisterAsync()
    {
        var process = $"{TestPrefix}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(sizeof(ulong)))}";
        var alive = (await LockAsync(process, 0, CancellationToken.None).ConfigureAwait(false))!;
        foreach (var left in await OursAsync(Leftovers, CancellationToken.None).ConfigureAwait(false))
            await DropAsync(left, CancellationToken.None).ConfigureAwait(false);
        foreach (var query in new[] { OldTemplates, UnfinishedTemplates })
            await RemoveTemplatesAsync(query, CancellationToken.None).ConfigureAwait(false);
        return (process, alive);
    }

    // In its turn: what another process is making right now is unfinished, too.
    private async Task RemoveTemplatesAsync(string query, CancellationToken cancellationToken)
    {
        foreach (var template in await OursAsync(query, cancellationToken).ConfigureAwait(false))
        {
            if (await LockAsync(template, 0, cancellationToken).ConfigureAwait(false) is not { } turn)
                continue;
            await using (turn.ConfigureAwait(false))
            {
                if ((await OursAsync(query, cancellationToken).ConfigureAwait(false)).Contains(template))
                    await DropAsync(template, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The database that was configured stays as it is, whatever its name.
    private async Task<List<string>> OursAsync(string query, CancellationToken cancellationToken)
    {
        var found = await TextsAsync(query, cancellationToken).ConfigureAwait(false);
        found.RemoveAll(name => name.Equals(server.Database, StringComparison.OrdinalIgnoreCase));
        return found;
    }

    // Its session is closed for good with it, not given back to a pool with the lock. Null if another session has it for that long.
    private async Task<MySqlConnection?> LockAsync(string name, int waitSeconds, CancellationToken cancellationToken)
    {
        var connection = new MySqlConnection(
            new MySqlConnectionStringBuilder(_connectionString) { Pooling = false, Keepalive = 30 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await connection.RunAsync(
                string.Create(CultureInfo.InvariantCulture, $"SET SESSION wait_timeout = {LongestSleepSeconds}"),
                cancellationToken).ConfigureAwait(false);
            var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT GET_LOCK('{name}', {waitSeconds})");
            if (await connection.TextsAsync(sql, cancellationToken).ConfigureAwait(false) is ["1"])
                return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await connection.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    private async Task<bool> IsFreeAsync(string name, CancellationToken cancellationToken) =>
        await TextsAsync($"SELECT IS_FREE_LOCK('{name}')", cancellationToken).ConfigureAwait(false) is ["1"];

    private Task<List<string>> TextsAsync(string sql, CancellationToken cancellationToken) =>
        WithAsync(connection => connection.TextsAsync(sql, cancellationToken), cancellationToken);

    private static async Task EndAsync(MySqlConnection connection, string id, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RunAsync($"KILL {id}", cancellationToken).ConfigureAwait(false);
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchThread)
        {
            // It has ended by itself.
        }
    }
}
