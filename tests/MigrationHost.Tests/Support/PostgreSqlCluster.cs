using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace MigrationHost.Tests.Support;

/// <summary>A real server for the tests: a private cluster in a temporary folder, on a free port of 127.0.0.1, that ends with the tests; or the one that <c>MIGRATIONHOST_TEST_POSTGRES</c> names with a connection string.</summary>
public sealed class PostgreSqlCluster : IAsyncLifetime
{
    public const string Collection = "PostgreSql";

    private static readonly string? Named = Environment.GetEnvironmentVariable("MIGRATIONHOST_TEST_POSTGRES");

    // The shell ends the server when its input ends, so when the tests end, however they do.
    private const string UntilInputEnds = "\"$@\" & server=$!; cat >/dev/null; kill -INT $server; wait $server";

    private readonly TempFolder _folder = new();
    private NpgsqlConnectionStringBuilder _server = new(Named ?? "");
    private RunningProgram? _program;

    /// <summary>The server, without a database.</summary>
    public NpgsqlConnectionStringBuilder Server => new(_server.ConnectionString);

    /// <summary>The folder of the cluster; none where a server was named.</summary>
    internal string Data => Named is null ? _folder["data"] : throw new InvalidOperationException("the server belongs to somebody else");

    public async Task InitializeAsync()
    {
        if (Named is not null)
            return;
        var bin = Bin();
        var port = FreePort();
        Directory.CreateDirectory(_folder["data"]);
        if (Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)Convert.ToInt32("755", 8));
            await RunAsync("chown", "postgres:postgres", _folder["data"]);
        }
        await RunAsync([.. AsPostgres, Path.Combine(bin, "initdb"), "-D", _folder["data"], "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync"]);
        _program = new RunningProgram("sh", ["-c", UntilInputEnds, "sh", .. AsPostgres, Path.Combine(bin, "postgres"), "-D", _folder["data"],
            "-c", $"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_folder["data"]}", "-c", "fsync=off", "-c", "max_connections=120", "-c", "max_prepared_transactions=5", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"]);
        _server = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = "postgres" };
        await Eventually.BecomesTrueAsync(AnswersAsync, () => _program.All);
    }

    public async Task DisposeAsync()
    {
        if (_program is not null)
        {
            _program.CloseInput();
            await _program.ExitAsync();
            await _program.DisposeAsync();
        }
        _folder.Dispose();
    }

    /// <summary>A psql on one database of this server.</summary>
    internal RunningProgram Psql(string database, params IEnumerable<string> arguments) => new(
        "psql",
        ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", .. arguments],
        environment: new Dictionary<string, string?>
        {
            ["PGHOST"] = _server.Host, ["PGPORT"] = $"{_server.Port}", ["PGUSER"] = _server.Username, ["PGPASSWORD"] = _server.Password, ["PGDATABASE"] = database, ["PGOPTIONS"] = null,
        });

    private async Task<bool> AnswersAsync()
    {
        Assert.False(_program!.HasExited, _program.All);
        await using var psql = Psql("postgres", "-c", "SELECT 1");
        psql.CloseInput();
        return await psql.ExitAsync() == 0;
    }

    private static string[] AsPostgres => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] : [];

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

/// <summary>The tests that share the server, one after another.</summary>
[CollectionDefinition(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlTests : ICollectionFixture<PostgreSqlCluster>;
