using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace MigrationHost.Tests.Support;

/// <summary>A real server for the tests: a private cluster in a temporary folder, on a free port of 127.0.0.1, that ends with the tests; or the one that <c>MIGRATIONHOST_TEST_POSTGRES</c> names with a connection string.</summary>
public sealed class PostgreSqlCluster : IAsyncLifetime
{
    /// <summary>The tests that look at locks and connections, one after another.</summary>
    public const string Collection = "PostgreSql";

    /// <summary>The tests of the engine, one after another, beside the others on a server of their own.</summary>
    public const string ForRuns = "PostgreSql runs";

    /// <summary>The tests with other tools, likewise.</summary>
    public const string ForTools = "PostgreSql tools";

    private static readonly string? Named = Environment.GetEnvironmentVariable("MIGRATIONHOST_TEST_POSTGRES");

    // An autovacuum that happens to look at a table of a test would be one more waiter, or an older snapshot.
    private static readonly string[] Settings =
        ["listen_addresses=127.0.0.1", "fsync=off", "autovacuum=off", "max_connections=120", "max_prepared_transactions=5"];

    // The shell ends the server when its input ends, so when the tests end, however they do.
    private const string UntilInputEnds = "\"$@\" & server=$!; cat >/dev/null; kill -INT $server; wait $server";

    private readonly TempFolder _folder = new();
    private readonly string? _named;
    private NpgsqlConnectionStringBuilder _server;
    private RunningProgram? _program;

    public PostgreSqlCluster() : this(Named)
    {
    }

    private PostgreSqlCluster(string? named)
    {
        _named = named;
        _server = new NpgsqlConnectionStringBuilder(named ?? "");
    }

    /// <summary>A private one in any case, to be stopped and killed.</summary>
    public static PostgreSqlCluster Private() => new(null);

    /// <summary>The server, without a database.</summary>
    public NpgsqlConnectionStringBuilder Server => new(_server.ConnectionString);

    /// <summary>Where a private server has its Unix socket.</summary>
    public string SocketFolder => _folder["data"];

    /// <summary>The name of a private server's socket that has no file (Linux).</summary>
    public string AbstractSocket => $"@migrationhost{_server.Port}";

    /// <summary>Runs a program as the user that the server runs as.</summary>
    public static string[] AsPostgres => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : [];

    public async Task InitializeAsync()
    {
        if (_named is not null)
            return;
        await CreateAsync();
        await StartAsync();
    }

    /// <summary>Makes the cluster, without starting it.</summary>
    public async Task CreateAsync()
    {
        await HandOverAsync(_folder["data"]);
        await RunAsync([.. AsPostgres, Path.Combine(Bin(), "initdb"), "-D", _folder["data"], "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"]);
        _server = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = FreePort(), Username = "postgres" };
    }

    /// <summary>Starts the server, and returns once it answers.</summary>
    public async Task StartAsync()
    {
        await Eventually.BecomesTrueAsync(async () =>
        {
            if (_program is { HasExited: false })
                return await AnswersAsync();

            // What is left of a killed server can be in the way for a moment.
            _program = new RunningProgram("sh", ["-c", UntilInputEnds, "sh", .. AsPostgres, Path.Combine(Bin(), "postgres"), "-D", _folder["data"],
                .. Settings.SelectMany(setting => new[] { "-c", setting }), "-c", $"port={_server.Port}", "-c", $"unix_socket_directories={SocketFolder},{AbstractSocket}"]);
            return false;
        }, () => _program!.All);
    }

    /// <summary>Shuts the server down: it ends every session and rolls back.</summary>
    public async Task StopAsync()
    {
        _program!.CloseInput();
        await _program.ExitAsync();
    }

    /// <summary>SIGKILL of the postmaster.</summary>
    public async Task KillAsync()
    {
        await RunAsync("kill", "-KILL", File.ReadLines(_folder["data/postmaster.pid"]).First());
        await StopAsync();
    }

    /// <summary>From its next start on the server is a standby, until it is promoted.</summary>
    public void BecomeStandby() => File.WriteAllText(_folder["data/standby.signal"], "");

    /// <summary>From the next reload of its configuration on, this role needs its password.</summary>
    public void RequirePassword(string role)
    {
        var rules = _folder["data/pg_hba.conf"];
        File.WriteAllText(rules, $"host all {role} 127.0.0.1/32 scram-sha-256\n{File.ReadAllText(rules)}");
    }

    public async Task DisposeAsync()
    {
        if (_program is not null)
        {
            await StopAsync();
            await _program.DisposeAsync();
        }
        _folder.Dispose();
    }

    /// <summary>Creates a folder that the server's user may write.</summary>
    public static async Task HandOverAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        if (!Environment.IsPrivilegedProcess)
            return;
        File.SetUnixFileMode(Path.GetDirectoryName(folder)!, (UnixFileMode)Convert.ToInt32("755", 8));
        await RunAsync("chown", "postgres:postgres", folder);
    }

    /// <summary>A psql on one database of this server.</summary>
    internal RunningProgram Psql(string database, params IEnumerable<string> arguments) =>
        Client("psql", database, ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", .. arguments]);

    /// <summary>A program of PostgreSQL's own.</summary>
    internal RunningProgram Client(string program, string database, params IEnumerable<string> arguments) => new(
        program,
        [.. arguments],
        environment: new Dictionary<string, string?>
        {
            ["PGHOST"] = _server.Host, ["PGPORT"] = $"{_server.Port}", ["PGUSER"] = _server.Username, ["PGPASSWORD"] = _server.Password, ["PGDATABASE"] = database, ["PGOPTIONS"] = null,
        });

    private async Task<bool> AnswersAsync()
    {
        await using var psql = Psql("postgres", "-c", "SELECT 1");
        psql.CloseInput();
        return await psql.ExitAsync() == 0;
    }

    private static string Bin() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderBy(version => int.Parse(Path.GetFileName(version), System.Globalization.CultureInfo.InvariantCulture)).Select(version => Path.Combine(version, "bin")).Last(bin => File.Exists(Path.Combine(bin, "initdb")))
            : throw new InvalidOperationException("PostgreSQL is missing: apt-get install postgresql, or name a server with MIGRATIONHOST_TEST_POSTGRES");

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(params string[] command)
    {
        await using var program = new RunningProgram(command[0], command[1..], "/");
        program.CloseInput();
        Assert.True(await program.ExitAsync() == 0, program.All);
    }
}

/// <summary>A server for each collection.</summary>
[CollectionDefinition(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlTests : ICollectionFixture<PostgreSqlCluster>;

/// <inheritdoc cref="PostgreSqlTests"/>
[CollectionDefinition(PostgreSqlCluster.ForRuns)]
public sealed class PostgreSqlRunTests : ICollectionFixture<PostgreSqlCluster>;

/// <inheritdoc cref="PostgreSqlTests"/>
[CollectionDefinition(PostgreSqlCluster.ForTools)]
public sealed class PostgreSqlToolTests : ICollectionFixture<PostgreSqlCluster>;
