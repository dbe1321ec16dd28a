using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MigrationHost.Api;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>Addresses that <c>serve</c> cannot listen on: code 2, in one line, before a database is touched.</summary>
public sealed class ListenTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("--urls=https://127.0.0.1:1", "urls: is https, but there is no certificate")]
    [InlineData("--urls=http://127.0.0.1:0;https://127.0.0.1:0", "urls, second address: is https, but there is no certificate")]
    [InlineData("--https_ports=1", "https_ports: is https, but there is no certificate")]
    [InlineData("--urls=http://127.0.0.1:1/base", "urls: has a path")]
    [InlineData("--urls=http://u:p@127.0.0.1:1", "urls: has a host that is not valid")]
    [InlineData("--urls=http://localhost:0", "urls: has port 0 with localhost")]
    [InlineData("--urls=http://192.0.2.1:9", "urls: is not an address of this machine")]
    [InlineData("--urls=http://unix:/nonexistent/x.sock", "urls: has a socket that cannot be made")]
    [InlineData("--urls=http://pipe:/x", "urls: is a named pipe, which only Windows has")]
    [InlineData("--MigrationHost:ManagementUrl=http://pipe:/x", "MigrationHost:ManagementUrl: is a named pipe, which only Windows has")]
    [InlineData("--urls=ftp://127.0.0.1:1", "urls: is not an address")]
    [InlineData("--Kestrel:Endpoints:a:Url=nonsense", "Kestrel:Endpoints, first endpoint in alphabetical order: is not an address")]
    [InlineData("--Kestrel:Endpoints:a:Protocols=Http1", "Kestrel:Endpoints, first endpoint in alphabetical order: is not an address")]
    [InlineData("--MigrationHost:ManagementUrl=https://localhost:9", "MigrationHost:ManagementUrl: is https, which needs a certificate")]
    [InlineData("--MigrationHost:ManagementUrl=http://localhost:9/x", "MigrationHost:ManagementUrl: has a path")]
    [InlineData("--MigrationHost:ManagementUrl=http://localhost:0", "MigrationHost:ManagementUrl: has port 0")]
    [InlineData("--MigrationHost:ManagementUrl=http://127.0.0.1:0", "MigrationHost:ManagementUrl: has port 0")]
    [InlineData("--MigrationHost:ManagementUrl=localhost", "MigrationHost:ManagementUrl: is not an address; write for example http://localhost:9090")]
    [InlineData("--MigrationHost:ManagementUrl=http://192.0.2.1:9", "MigrationHost:ManagementUrl: is not an address of this machine")]
    public async Task An_address_that_cannot_be_listened_on_ends_with_2(string setting, string expected) =>
        await RefusedAsync(expected, setting, "--urls=http://127.0.0.1:0");

    [Theory]
    [InlineData("Gate")]
    [InlineData("Block")]
    public async Task A_port_that_is_taken_is_known_before_a_database_is_touched(string startup)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await RefusedAsync("address already in use", $"--urls=http://127.0.0.1:{port}", $"--MigrationHost:Startup={startup}");
        await RefusedAsync("address already in use", $"--urls=http://localhost:{port}", $"--MigrationHost:Startup={startup}");
        await RefusedAsync("http_ports: failed to bind", $"--http_ports={port}", $"--MigrationHost:Startup={startup}");
        await RefusedAsync("MigrationHost:ManagementUrl: failed to bind",
            $"--MigrationHost:ManagementUrl=http://127.0.0.1:{port}", $"--MigrationHost:Startup={startup}");
    }

    [Fact]
    public async Task A_management_address_that_is_also_the_services_is_refused()
    {
        var port = PostgreSqlCluster.FreePort();
        foreach (var (urls, management) in new[] { ("127.0.0.1", "127.0.0.1"), ("*", "127.0.0.1"), ("127.0.0.1", "*"),
            ("localhost", "127.0.0.1") })
            await RefusedAsync("MigrationHost:ManagementUrl: has the address of urls",
                $"--urls=http://{urls}:{port}", $"--MigrationHost:ManagementUrl=http://{management}:{port}");
    }

    [Theory]
    [InlineData("0.0.0.0:80", "[::1]:80", false)]
    [InlineData("0.0.0.0:80", "127.0.0.1:80", true)]
    [InlineData("0.0.0.0:80", "[::]:80", true)]
    [InlineData("127.0.0.1:80", "[::]:80", true)]
    [InlineData("[::1]:80", "[::]:80", true)]
    [InlineData("127.0.0.1:80", "[::1]:80", false)]
    [InlineData("127.0.0.1:80", "0.0.0.0:81", false)]
    public void Two_addresses_are_one_if_the_system_says_so(string one, string other, bool expected)
    {
        Assert.Equal(expected, ListenProbe.Overlap(IPEndPoint.Parse(one), IPEndPoint.Parse(other)));
        Assert.Equal(expected, ListenProbe.Overlap(IPEndPoint.Parse(other), IPEndPoint.Parse(one)));
    }

    [Fact]
    public async Task Every_certificate_that_the_server_would_find_is_enough_and_a_section_without_one_is_not()
    {
        WriteCertificate();
        const string end = "--Kestrel:Endpoints:a";
        string[] ofName = [$"{end}:Sni:localhost:Certificate:Path=c.pem", $"{end}:Sni:localhost:Certificate:KeyPath=k.pem"];
        string[] ofEnd = [$"{end}:Certificate:Path=c.pem", $"{end}:Certificate:KeyPath=k.pem"];
        string[] ofAll = ["--Kestrel:Certificates:Default:Path=c.pem", "--Kestrel:Certificates:Default:KeyPath=k.pem"];
        foreach (var certificate in new[] { ofName, ofEnd, ofAll })
        {
            await using var serving = await ServingProgram.StartAsync(
                _database.Folder.Path, [.. _database.Arguments(), $"{end}:Url=https://127.0.0.1:0", .. certificate]);
            await Eventually.BecomesTrueAsync(() => File.Exists(_database.Path));
        }
        File.Delete(_database.Path);

        const string refused = "Kestrel:Endpoints, first endpoint in alphabetical order: is https, but there is no certificate";
        await RefusedAsync(refused, $"{end}:Url=https://127.0.0.1:0", "--Kestrel:Certificates:Default:AllowInvalid=true");
        await RefusedAsync(refused, $"{end}:Url=https://127.0.0.1:0", $"{end}:Certificate:AllowInvalid=true");
        await RefusedAsync(refused, [$"{end}:Url=https://127.0.0.1:0", .. ofName, $"{end}:Sni:other:Protocols=Http1"]);
    }

    [Fact]
    public async Task A_socket_whose_path_is_too_long_or_whose_file_is_there_is_refused_and_another_is_taken()
    {
        await RefusedAsync("urls: has a socket whose path is too long", $"--urls=http://unix:/tmp/{new string('x', 200)}");
        var taken = _database.Folder.Write("taken.sock", "");
        await RefusedAsync("urls: has a socket whose file is there already", $"--urls=http://unix:{taken}");
        Assert.True(File.Exists(taken));

        Assert.Null(ListenProbe.WhyNotSocket($"http://unix:{_database.Folder["free.sock"]}"));
        Assert.False(File.Exists(_database.Folder["free.sock"]));
    }

    [Theory]
    [InlineData("--Kestrel:Certificates:Default:Path=none.pem")]
    [InlineData("--Kestrel:Certificates:Default:Path=garbage.pem")]
    [InlineData("--Kestrel:Certificates:Default:Path=data")]
    [InlineData("--Kestrel:Certificates:Default:Path=c.pem", "--Kestrel:Certificates:Default:KeyPath=garbage.pem")]
    public async Task A_certificate_that_cannot_be_loaded_is_known_before_a_database_is_touched(params string[] certificate)
    {
        WriteCertificate();
        _database.Folder.Write("garbage.pem", "garbage");

        await RefusedAsync("Kestrel:Certificates:Default: the certificate cannot be used",
            ["--urls=https://127.0.0.1:0", "--MigrationHost:Startup=Block", .. certificate]);
    }

    [Fact]
    public async Task Http3_without_https_is_known_before_a_database_is_touched() => await RefusedAsync(
        "speaks HTTP/3 alone, which needs https",
        "--Kestrel:Endpoints:a:Url=http://127.0.0.1:0", "--Kestrel:Endpoints:a:Protocols=Http3", "--MigrationHost:Startup=Block");

    [Theory]
    [InlineData("--Kestrel:Certificates:Default:Path=data")]
    [InlineData("--Kestrel:Certificates:Default:Subject=x", "--Kestrel:Certificates:Default:Location=Y")]
    public async Task What_only_the_server_itself_refuses_ends_with_2_too(params string[] settings)
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(
            _database.Folder.Path, ["serve", .. _database.Arguments(), "--Kestrel:Endpoints:a:Url=http://127.0.0.1:0", .. settings]);

        Assert.True(code == 2, output + errors);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_only_root_may_take_is_told_with_the_remedy()
    {
        var arguments = $"serve --urls=http://*:80 {string.Join(' ', _database.Arguments().Select(argument => $"'{argument}'"))}";
        await using var program = new RunningProgram(
            "unshare",
            ["--net", "--map-root-user", "--user", "sh", "-c",
                $"exec setpriv --bounding-set=-net_bind_service --inh-caps=-net_bind_service '{MigrationHostProgram.Path}' {arguments}"],
            _database.Folder.Path);

        Assert.True(await program.ExitAsync() == 2, program.All);
        Assert.Contains("choose a port from 1024 on", program.All, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Fact]
    public async Task All_problems_of_addresses_and_settings_are_told_at_once()
    {
        var errors = await RefusedAsync("urls: has a path", "--urls=http://127.0.0.1:1/base", "--MigrationHost:Startup=Sometimes",
            "--MigrationHost:ManagementUrl=http://127.0.0.1:0");

        Assert.Contains("MigrationHost:Startup: the value is not known", errors, StringComparison.Ordinal);
        Assert.Contains("MigrationHost:ManagementUrl: has port 0", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Databases:app:Migrations", "mig\\u0000rations")]
    [InlineData("Databases:app:ConnectionString", "Data Source=a\\u0000b.db")]
    [InlineData("Databases:app:Command:Executable", "tr\\u0000ue")]
    [InlineData("Databases:app:Command:WorkingDirectory", "da\\u0000ta")]
    [InlineData("Databases:app:Alembic:Config", "a\\u0000.ini")]
    [InlineData("Databases:app:Alembic:WorkingDirectory", "a\\u0000")]
    [InlineData("ManagementUrl", "http://local\\u0000host:9")]
    public async Task A_nul_character_in_a_setting_ends_with_2(string key, string value)
    {
        var engine = key.Contains("Command", StringComparison.Ordinal) ? "Command" : key.Contains("Alembic", StringComparison.Ordinal)
            ? "Alembic" : "Sql";
        var json = key.Split(':').Reverse().Aggregate($"\"{value}\"", (inner, name) => $"{{ \"{name}\": {inner} }}");
        _database.Folder.Write("appsettings.json", $"{{ \"MigrationHost\": {json} }}");
        var arguments = _database.Arguments(("Databases:app:Engine", engine))
            .Where(argument => !argument.StartsWith($"--MigrationHost:{key}=", StringComparison.Ordinal));

        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", .. arguments]);

        Assert.True(code == 2, output + errors);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("--Serilog:MinimumLevel=loud", "Serilog: a level, or an argument of a sink, has the wrong form")]
    [InlineData("--contentRoot=/nowhere/at/all", "contentRoot: is not a folder that can be used")]
    [InlineData("--hostBuilder:reloadConfigOnChange=perhaps", "a setting of the host itself")]
    public async Task A_setting_of_the_host_that_cannot_be_used_ends_with_2(string setting, string expected) =>
        await RefusedAsync(expected, setting);

    [Theory]
    [InlineData("""{"Serilog":{"WriteTo":[{}]}}""")]
    [InlineData("""{"Serilog":{"WriteTo":[{"Name":null}]}}""")]
    [InlineData("""{"Serilog":{"WriteTo":[{"Name":"Console","Args":{"theme":"X::Y, MissingAssembly"}}]}}""")]
    [InlineData("""{"Serilog":{"MinimumLevel":"loud"}}""")]
    public async Task A_log_that_cannot_be_made_is_told_with_every_other_problem(string settings)
    {
        _database.Folder.Write("appsettings.json", settings);
        foreach (var command in new[] { "serve", "migrate" })
        {
            var (code, output, errors) = await MigrationHostProgram.RunAsync(
                _database.Folder.Path, [command, .. _database.Arguments(), "--MigrationHost:Startup=Sometimes"]);

            Assert.True(code == 2, output + errors);
            Assert.Contains("Serilog: a level, or an argument of a sink", output + errors, StringComparison.Ordinal);
            Assert.Contains("MigrationHost:Startup: the value is not known", output + errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "abc")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=Zq7xKw9v,b")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/ca.pem")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "nonsense")]
    public async Task A_variable_of_telemetry_that_cannot_be_used_is_told_with_every_other_problem(string name, string value)
    {
        Dictionary<string, string?> environment = new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", [name] = value };
        foreach (var command in new[] { "serve", "migrate" })
        {
            await using var program = MigrationHostProgram.StartWith(
                environment, _database.Folder.Path, [command, .. _database.Arguments(), "--urls=http://127.0.0.1:0", "--MigrationHost:Startup=Sometimes"]);

            Assert.True(await program.ExitAsync() == 2, program.All);
            Assert.Contains("MigrationHost:Startup: the value is not known", program.All, StringComparison.Ordinal);
            Assert.Contains(name, program.All, StringComparison.Ordinal);
            Assert.DoesNotContain("Zq7x", program.All, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", program.All, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(_database.Path));
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create();
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _database.Folder.Write("c.pem", certificate.ExportCertificatePem());
        _database.Folder.Write("k.pem", key.ExportPkcs8PrivateKeyPem());
    }

    private async Task<string> RefusedAsync(string expected, params string[] settings)
    {
        // Urls win over ports; of a setting that is there twice the first counts.
        var first = settings
            .Where(setting => !setting.StartsWith("--urls", StringComparison.Ordinal) || !settings[0].StartsWith("--https_ports", StringComparison.Ordinal))
            .DistinctBy(setting => setting.Split('=')[0]);
        var (code, output, errors) =
            await MigrationHostProgram.RunAsync(_database.Folder.Path, ["serve", .. _database.Arguments(), .. first]);

        Assert.True(code == 2, $"{string.Join(' ', settings)}: {code} {output}{errors}");
        Assert.Contains(expected, output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
        return output + errors;
    }
}
