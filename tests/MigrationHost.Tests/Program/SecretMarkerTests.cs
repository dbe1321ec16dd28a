using System.Text;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>A secret of its own in every place where one can be, and a search through everything that leaves: nothing shows one.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class SecretMarkerTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private const string Short = "q7z9k";
    private const int Most = 60;

    private static readonly string[] Markers = [.. Enumerable.Range(1, Most).Select(Mark), Short];

    private readonly PostgreSqlTestDatabase _server = new(cluster);
    private readonly AlembicFolder _folder = new();
    private int _searched;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_that_a_running_service_or_a_command_shows_has_a_secret_in_it()
    {
        var environment = Prepare();
        await using var program = new RunningProgram(MigrationHostProgram.Path, ["serve"], _folder.Path, environment);
        using var client = new HttpClient { BaseAddress = new Uri(environment["ASPNETCORE_URLS"]!) };
        await Eventually.BecomesTrueAsync(() => File.Exists(_folder["tool-runs"]) || program.HasExited, () => program.All);

        // A tool's arguments are for everybody to see, as the manual says, and so is the script's own statement.
        Search("command lines", CommandLines(), except: [Mark(6), Mark(7)]);
        var sessions = await _server.QueryAsync("SELECT application_name, query FROM pg_stat_activity");
        Search("the server's sessions", sessions, except: [Mark(3)]);
        await SearchHttpAsync(client);
        await File.WriteAllTextAsync(_folder["go-on"], "");
        await Eventually.BecomesTrueAsync(async () => (await client.GetStringAsync(new Uri("/migrations", UriKind.Relative)))
            .Split("\"phase\":\"Failed\"").Length > 6 || program.HasExited, () => program.All);
        await SearchHttpAsync(client);
        Assert.All(["already exists", "the address is postgresql+psycopg2://app:***@h/d", "APP_PASSWORD=***", "VERIFY_TOKEN=***"], text =>
            Assert.True(program.Output.Contains(text, StringComparison.Ordinal), text));
        program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);
        await program.ExitAsync();
        Search("the service's output", program.All);

        foreach (var command in new[] { "migrate", "migrate --json", "migrate --dry-run", "status", "status --json", "doctor",
            "doctor --json", "locks", "locks --json" })
        {
            await using var run = new RunningProgram(MigrationHostProgram.Path, command.Split(' '), _folder.Path, environment);
            run.CloseInput();
            await run.ExitAsync();
            Search(command, run.All);
        }
        Search("the history", await _server.QueryAsync("SELECT * FROM migrationhost_history"));
        foreach (var file in Directory.EnumerateFiles(_folder["data"], "*", SearchOption.AllDirectories).Append(_folder.Database))
            Search(file, $"{file} {Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file))}");
        Assert.True(_searched >= 30, $"{_searched} outputs were searched");
    }

    [Fact]
    public async Task A_secret_in_the_wrong_place_of_settings_or_command_line_is_refused_without_being_shown()
    {
        Directory.CreateDirectory(_folder["empty"]);
        const string app = "--MigrationHost:Databases:app";
        var right = new[] { $"{app}:ConnectionString=Data Source=data/right.db", $"{app}:Migrations=empty" };
        (string Command, string[] Arguments)[] wrong =
        [
            ("migrate", [.. right, $"{app}:Provider=postgres://u:{Mark(31)}@h/d"]),
            ("migrate", [.. right, $"--MigrationHost:Startup=Host=db;Password={Mark(32)}"]),
            ("serve", [.. right, $"--MigrationHost:ManagementUrl=http://u:{Mark(33)}@localhost:9"]),
            ("migrate", [.. right, $"{app}:Timeouts:Lock={Mark(34)}"]),
            ("migrate", [.. right, $"{app}:Migrations=host=db password={Mark(35)}"]),
            ("migrate", [.. right, $"{app}:Colour=Host=db;Password={Mark(36)}"]),
            ("migrate", [.. right, $"--MigrationHost:Databases:{Mark(37)}@h:Migrations=empty"]),
            ("migrate", [.. right, $"{app}:postgres://u:{Mark(38)}@h/d=1"]),
            ("migrate", [$"{app}:ConnectionString=Host=db;Password=x;{Mark(39)};Database=d", $"{app}:Provider=PostgreSql"]),
            ("migrate", [$"{app}:ConnectionString=Host=db;Password=\"x;{Mark(40)}\";Databse=d", $"{app}:Provider=PostgreSql"]),
            ("migrate", [$"{app}:ConnectionString=postgres://u:{Mark(41)}/x@h/d"]),
            ("migrate", [$"{app}:ConnectionString=host=db pasword={Mark(42)}"]),
            ("migrate", [$"{app}:ConnectionString=Data Source=data/app.db Password={Mark(43)}"]),
            ("migrate", [$"{app}:ConnectionString=mysql://u:{Mark(44)}@h"]),
            ("serve", [.. right, $"--urls=http://u:{Mark(45)}@localhost:9"]),
            ("serve", [.. right, $"--http_ports={Mark(46)}"]),
            ("migrate", [.. right, "--target", $"postgres://u:{Mark(47)}@h/d"]),
            ("migrate", [.. right, "--database", $"postgres://u:{Mark(48)}@h/d"]),
            ("migrate", [.. right, $"postgres://u:{Mark(49)}@h/d"]),
            ("resolve", [.. right, $"postgres://u:{Mark(50)}@h/d", "--retry"]),
            ("migrate", [.. right, $"--connection=Host=db;Password={Mark(51)}"]),
            ("status", [.. right, $"--json=Host=db;Password={Mark(52)}"]),
            ("migrate", [.. right, $"--Serilog:MinimumLevel=Host=db;Password={Mark(53)}"]),
            ("migrate", [.. right, $"--contentRoot=/nowhere/Host=db;Password={Mark(54)}"]),
            ("migrate", [.. right, $"{app}:Engine=Command", $"{app}:Command:Executable=Host=db;Password={Mark(55)}"]),
            ("healthcheck", ["--url", $"Host=db;Password={Mark(56)}"]),
            ($"{Mark(57)}", [.. right]),
        ];
        foreach (var (command, arguments) in wrong)
        {
            foreach (var asked in command == "migrate" ? new[] { "migrate", "doctor" } : [command])
            {
                var (code, output, errors) = await MigrationHostProgram.RunAsync(_folder.Path, [asked, .. arguments]);
                Assert.True(code == (asked switch { "doctor" when errors.Length == 0 => 12, "healthcheck" => 1, _ => 2 }),
                    $"{asked} {arguments[^1]}: {code} {output}{errors}");
                Search(arguments[^1], output + errors);
                Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
            }
        }

        _folder.Write("appsettings.json", $$"""{ "MigrationHost": { "Databases": { "app": { "ConnectionString": {{Mark(58)}} } } } }""");
        var broken = await MigrationHostProgram.RunAsync(_folder.Path, "migrate");
        Assert.Equal(2, broken.Code);
        Search("a settings file", broken.Output + broken.Errors);
        Assert.False(Directory.Exists(_folder["data"]));
    }

    private static string Mark(int number) => $"Mark{number:00}Zq7x";

    /// <summary>Five databases: PostgreSQL with a script that fails, a tool that says all it knows, the same in a child process, Alembic
    /// with an exception that quotes an address, and one that waits.</summary>
    private Dictionary<string, string?> Prepare()
    {
        var server = cluster.Server;
        _folder.Write("sql/1_create.sql", "CREATE TABLE created (id integer);");
        _folder.Write("sql/2_role.sql", $"CREATE ROLE {server.Username} PASSWORD '{Mark(3)}';");
        _folder.Write("tool.sh", $"""
            env; env >&2; echo "$@"
            echo "cannot connect to postgres://someone:{Mark(15)}@h/d, retrying with password={Mark(16)} now"
            touch tool-runs; while [ ! -e go-on ]; do sleep 0.1; done
            exit 3
            """);
        _folder.Revision("f00000000001", AlembicFolder.Head,
            "import os\nraise ValueError('the address is ' + os.environ['OTHER_ADDRESS'])");
        var settings = new Dictionary<string, string?>
        {
            ["a:Provider"] = "PostgreSql",
            ["a:ConnectionString"] =
                $"Host={server.Host};Port={server.Port};Username={server.Username};Database={_server.Name};Password={Mark(1)};SSL Password={Mark(2)}",
            ["a:Migrations"] = "sql",
            ["b:ConnectionString"] = $"postgres://{server.Username}:{Mark(4)}%2Fx%40{Mark(5)}@{server.Host}:{server.Port}/{_server.Name}",
            ["b:Engine"] = "Command",
            ["b:Command:Executable"] = "sh",
            ["b:Command:Arguments:0"] = "tool.sh",
            ["b:Command:Arguments:1"] = $"postgres://app:{Mark(6)}@h/d",
            ["b:Command:Arguments:2"] = $"--password={Mark(7)}",
            ["b:Command:Environment:APP_PASSWORD"] = Mark(8),
            ["b:Command:Environment:API_SECRET"] = Mark(9),
            ["b:Command:Environment:GH_TOKEN"] = Mark(10),
            ["b:Command:Environment:SIGNING_KEY"] = Mark(11),
            ["b:Command:Environment:ADDRESS"] = $"postgres://x:{Mark(12)}%2F{Mark(13)}@h/d",
            ["b:Command:Environment:DRIVER"] = $"Host=h;Password={Mark(14)};Database=d",
            ["b:Command:Environment:LIBPQ"] = $"host=h password={Mark(17)} dbname=d",
            ["b:Command:Environment:PIN_PASSWORD"] = Short,
            ["c:ConnectionString"] =
                $"host={server.Host} port={server.Port} user={server.Username} dbname={_server.Name} password='{Mark(18)} \\'{Mark(19)}'",
            ["c:Migrations"] = "sql",
            ["c:Isolation"] = "ChildProcess",
            ["d:ConnectionString"] = $"Data Source={_folder.Database}",
            ["d:Engine"] = "Alembic",
            ["d:Alembic:Environment:DATABASE_URL"] = $"sqlite:///{_folder.Database}",
            ["d:Alembic:Environment:OTHER_ADDRESS"] = $"postgresql+psycopg2://app:{Mark(20)}@h/d",
            ["e:ConnectionString"] = $"sqlite:data/e.db?connection_limit=1",
            ["e:Engine"] = "Command",
            ["e:Command:Executable"] = "true",
            ["e:Command:Verify:Executable"] = "sh",
            ["e:Command:Verify:Arguments:0"] = "-c",
            ["e:Command:Verify:Arguments:1"] = "env; exit 4",
            ["e:Command:Verify:Environment:VERIFY_TOKEN"] = Mark(21),
            ["e:Command:Verify:Environment:VERIFY_CONNECTION"] = $"Server=h;Pwd={Mark(22)}",
        };
        var environment = settings.ToDictionary(
            setting => $"MigrationHost__Databases__{setting.Key.Replace(":", "__", StringComparison.Ordinal)}",
            setting => setting.Value);
        foreach (var (name, value) in new (string, string)[]
        {
            ("PGPASSWORD", Mark(23)), ("MYSQL_PWD", Mark(24)), ("CI_JOB_TOKEN", Mark(25)),
            ("REDIS_URL", $"redis://:{Mark(26)}@cache:6379/0"), ("AWS_SECRET_ACCESS_KEY", Mark(27)),
            ("OTHER_DSN", $"user=u password={Mark(28)}"), ("ConnectionStrings__other", $"Host=h;Password={Mark(29)}"),
            ("DATABASE_URL", $"postgres://u:{Mark(30)}@h/d"),
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{PostgreSqlCluster.FreePort()}"),
        })
            environment[name] = value;
        return environment;
    }

    private async Task SearchHttpAsync(HttpClient client)
    {
        foreach (var path in new[] { "/migrations", "/health/ready", "/health/live", "/health/startup", "/anything", "/",
            "/migrations/a/locks", "/migrations/c/locks" })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            Search(path, $"{answer.Headers} {await answer.Content.ReadAsStringAsync()}");
            using var browser = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { { "Accept", "text/html" } } };
            using var page = await client.SendAsync(browser);
            Search($"{path} as a page", $"{page.Headers} {await page.Content.ReadAsStringAsync()}");
        }
    }

    private void Search(string where, string text, params string[] except)
    {
        _searched++;
        foreach (var marker in Markers.Except(except))
        {
            var at = text.IndexOf(marker, StringComparison.OrdinalIgnoreCase);
            Assert.True(at < 0, at < 0 ? "" : $"{where} shows {marker}: {text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 200)]}");
        }
    }

    private static string CommandLines()
    {
        var lines = new StringBuilder();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            try
            {
                lines.AppendLine(File.ReadAllText($"{process}/cmdline").Replace('\0', ' '));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended since.
            }
        }
        return lines.ToString();
    }
}
