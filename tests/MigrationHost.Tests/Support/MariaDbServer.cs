using System.Net;
using System.Net.Sockets;

namespace MigrationHost.Tests.Support;

/// <summary>A private MariaDB server in a temporary folder, on a free port of 127.0.0.1, that ends with the tests.</summary>
public class MariaDbServer : IAsyncLifetime
{
    /// <summary>The tests of the provider, one after another, on a server of their own.</summary>
    public const string Collection = "MariaDb";

    private const string UntilInputEnds = "\"$@\" & server=$!; cat >/dev/null; kill -TERM $server; wait $server";

    private readonly TempFolder _folder = new();
    private readonly string[] _options;
    private RunningProgram? _program;

    public MariaDbServer() : this([])
    {
    }

    protected MariaDbServer(string[] options) => _options = options;

    /// <summary>One that can be killed: a commit is on the disk before it is answered, as a server's default is.</summary>
    public static MariaDbServer Durable() => new(["--innodb-flush-log-at-trx-commit=1"]);

    /// <summary>Where it listens.</summary>
    public int Port { get; } = FreePort();

    public async Task InitializeAsync()
    {
        await CreateAsync();
        await StartAsync();
    }

    /// <summary>Makes the server's files, without starting it.</summary>
    public async Task CreateAsync()
    {
        var data = _folder["data"];
        Directory.CreateDirectory(data);
        Directory.CreateDirectory(_folder["tmp"]);
        if (Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)Convert.ToInt32("755", 8));
            await RunAsync("chown", "mysql:mysql", data, _folder["tmp"]);
        }
        await RunAsync([.. AsMySql, "mariadb-install-db", "--no-defaults", $"--datadir={data}", Temporary, "--auth-root-authentication-method=normal", "--skip-test-db"]);
    }

    /// <summary>Starts the server, and returns once it answers.</summary>
    public async Task StartAsync()
    {
        await Eventually.BecomesTrueAsync(async () =>
        {
            if (_program is { HasExited: false })
                return (await TryQueryAsync("SELECT 1")).Code == 0;

            // What is left of a killed server can be in the way for a moment.
            var data = _folder["data"];
            _program = new RunningProgram("sh", ["-c", UntilInputEnds, "sh", .. AsMySql, "/usr/sbin/mariadbd", "--no-defaults", $"--datadir={data}", Temporary,
                $"--port={Port}", "--bind-address=127.0.0.1", $"--socket={data}/s", $"--pid-file={data}/pid", "--innodb-flush-log-at-trx-commit=0", .. _options]);
            return false;
        }, () => _program!.All);
    }

    /// <summary>Shuts the server down: it ends every session and rolls back.</summary>
    public async Task StopAsync()
    {
        _program!.CloseInput();
        await _program.ExitAsync();
    }

    /// <summary>SIGKILL of the server.</summary>
    public async Task KillAsync()
    {
        await RunAsync("kill", "-KILL", (await File.ReadAllTextAsync(_folder["data/pid"])).Trim());
        await StopAsync();
    }

    /// <summary>Runs SQL with its own client.</summary>
    public async Task<string> QueryAsync(string sql)
    {
        var (code, output, errors) = await TryQueryAsync(sql);
        Assert.True(code == 0, errors);
        return output.TrimEnd('\n');
    }

    /// <summary>What a database consists of but for our own tables, whatever its name.</summary>
    public async Task<string> DumpAsync(string database)
    {
        await using var dump = new RunningProgram(
            "mariadb-dump",
            ["--no-defaults", "--host=127.0.0.1", $"--port={Port}", "--user=root", "--routines", "--events", "--skip-comments",
                $"--ignore-table={database}.migrationhost_history", $"--ignore-table={database}.migrationhost_statement", database]);
        Assert.True(await dump.ExitAsync() == 0, dump.Errors);
        return dump.Output.Replace(database, "database", StringComparison.Ordinal);
    }

    /// <summary>Loads the plugin that shows metadata locks.</summary>
    public async Task SeeMetadataLocksAsync()
    {
        if (!await SeesMetadataLocksAsync())
            await QueryAsync("INSTALL SONAME 'metadata_lock_info'");
    }

    /// <summary>Takes it away again, as a server is installed.</summary>
    public async Task HideMetadataLocksAsync()
    {
        if (await SeesMetadataLocksAsync())
            await QueryAsync("UNINSTALL SONAME 'metadata_lock_info'");
    }

    /// <summary>Returns once a session is in a state.</summary>
    public async Task WaitForStateAsync(int id, string state)
    {
        var last = "";
        await Eventually.BecomesTrueAsync(
            async () => (last = await QueryAsync($"SELECT state FROM information_schema.processlist WHERE id = {id}")) == state, () => last);
    }

    /// <summary>A session of its own client that has run this and stays open.</summary>
    internal async Task<RunningProgram> HoldAsync(string sql)
    {
        var client = Client("-n");
        await client.WriteLineAsync($"{sql}; SELECT 'held';");
        await Eventually.BecomesTrueAsync(() => client.Output.Contains("held", StringComparison.Ordinal), () => client.All);
        return client;
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

    private async Task<(int Code, string Output, string Errors)> TryQueryAsync(string sql)
    {
        await using var client = Client("-e", sql);
        client.CloseInput();
        return (await client.ExitAsync(), client.Output, client.Errors);
    }

    /// <summary>Its own client.</summary>
    internal RunningProgram Client(params string[] arguments) =>
        new("mariadb", ["--no-defaults", "-h127.0.0.1", $"-P{Port}", "-uroot", "-N", "-B", .. arguments]);

    // A server that starts removes every temporary table in its tmpdir, also those of other servers that are just being made.
    private string Temporary => $"--tmpdir={_folder["tmp"]}";

    private async Task<bool> SeesMetadataLocksAsync() =>
        (await QueryAsync("SELECT 1 FROM information_schema.plugins WHERE plugin_name = 'METADATA_LOCK_INFO'")).Length > 0;

    private static string[] AsMySql => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=mysql", "--regid=mysql", "--init-groups", "--"] : [];

    private static async Task RunAsync(params string[] command)
    {
        await using var program = new RunningProgram(command[0], command[1..]);
        program.CloseInput();
        Assert.True(await program.ExitAsync() == 0, program.All);
    }

    protected static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
