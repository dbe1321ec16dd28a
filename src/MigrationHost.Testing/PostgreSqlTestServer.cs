using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace MigrationHost.Testing;

/// <summary>What is done on a server besides copying: names, turns, and removing what is left.</summary>
/// <remarks>Every process holds an advisory lock whose number is in the names of its databases. The server frees it when the process is
/// gone, however it went: databases whose number nobody holds are left over.</remarks>
/// <param name="server">How to connect to it.</param>
internal sealed class PostgreSqlTestServer(NpgsqlConnectionStringBuilder server)
{
    private const string TestPrefix = "migrationhost_test_";

    /// <summary>The first half of the numbers of our advisory locks: of processes, and of templates that are being made.</summary>
    private const string ProcessLocks = "1835561984";

    private const string TemplateLocks = "1835561985";

    // Names of ours and no others: what is found by these is dropped.
    private const string Leftovers = $"""
        SELECT datname FROM pg_database WHERE datname ~ '^{TestPrefix}[0-9]+_[0-9]+$'
        AND split_part(datname, '_', 3) NOT IN (SELECT objid::text FROM pg_locks WHERE locktype = 'advisory' AND classid = {ProcessLocks})
        """;

    private const string OldTemplates = """
        SELECT datname FROM pg_database WHERE datname ~ '^migrationhost_template_[0-9a-f]{32}$'
        AND shobj_description(oid, 'pg_database') < to_char(now() - interval '7 days', 'YYYY-MM-DD')
        """;

    // All processes have to look for the locks in the same database.
    private readonly string _connectionString =
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "postgres", CommandTimeout = 0 }.ConnectionString;

    private readonly Lock _registering = new();
    private Task<(uint Process, NpgsqlConnection Alive)>? _registration;
    private int _last;

    /// <summary>A name for a database of this process.</summary>
    public async Task<string> NewNameAsync(CancellationToken cancellationToken)
    {
        var (process, _) = await Registration().WaitAsync(cancellationToken).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"{TestPrefix}{process}_{Interlocked.Increment(ref _last)}");
    }

    public async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await ScalarAsync(connection, sql, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<bool> HasAsync(string database, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(
            $"SELECT datname FROM pg_database WHERE datname = '{database}'", cancellationToken).ConfigureAwait(false);
        return names.Count > 0;
    }

    public Task DropAsync(string database, CancellationToken cancellationToken) =>
        RunAsync($"DROP DATABASE IF EXISTS {database} WITH (FORCE)", cancellationToken);

    /// <summary>Notes with a template that it was used, so that it is not removed as an old one.</summary>
    public Task RememberUseAsync(string template, CancellationToken cancellationToken) =>
        RunAsync(
            $"DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE {template} IS %L', to_char(now(), 'YYYY-MM-DD')); END $$",
            cancellationToken);

    /// <summary>Waits until nobody else makes this template.</summary>
    public async Task<IAsyncDisposable> TakeTurnAsync(string template, CancellationToken cancellationToken)
    {
        var number = BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(template)));
        return await LockAsync(TemplateLocks, number, cancellationToken).ConfigureAwait(false);
    }

    // Again if the connection has broken: the server has freed the lock then.
    private Task<(uint Process, NpgsqlConnection Alive)> Registration()
    {
        lock (_registering)
        {
            if (_registration is null or { IsFaulted: true } || IsBroken(_registration))
                _registration = RegisterAsync();
            return _registration;
        }
    }

    private static bool IsBroken(Task<(uint Process, NpgsqlConnection Alive)> registration) =>
        registration.IsCompletedSuccessfully && registration.Result.Alive.FullState == ConnectionState.Broken;

    private async Task<(uint Process, NpgsqlConnection Alive)> RegisterAsync()
    {
        var process = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        var alive = await LockAsync(ProcessLocks, process, CancellationToken.None).ConfigureAwait(false);
        foreach (var query in new[] { Leftovers, OldTemplates })
        {
            // The database that was configured stays as it is, whatever its name.
            foreach (var left in await NamesAsync(query, CancellationToken.None).ConfigureAwait(false))
            {
                if (left != server.Database)
                    await DropAsync(left, CancellationToken.None).ConfigureAwait(false);
            }
        }
        return (process, alive);
    }

    // Its session is closed for good with it, not given back to a pool with the lock.
    private async Task<NpgsqlConnection> LockAsync(string kind, uint number, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(_connectionString) { Pooling = false, KeepAlive = 30 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await ScalarAsync(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_lock({kind}, {unchecked((int)number)})"),
                cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<List<string>> NamesAsync(string sql, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var command = new NpgsqlCommand(sql, connection);
            await using (command.ConfigureAwait(false))
            {
                var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    var names = new List<string>();
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                        names.Add(reader.GetString(0));
                    return names;
                }
            }
        }
    }

    private static async Task ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
