using System.Text.Json;
using MigrationHost.Commands;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>What people miss who come from other tools, or see a number and want to know.</summary>
public sealed class HelpTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("info", "'migrationhost status' shows what is applied and pending")]
    [InlineData("upgrade head", "'migrationhost migrate' applies what is pending")]
    [InlineData("migrate up", "'migrationhost migrate' applies what is pending")]
    [InlineData("rollback 2", "'migrationhost down'")]
    [InlineData("repair", "'migrationhost resolve VERSION'")]
    [InlineData("version", "'migrationhost status --short'")]
    [InlineData("stamp", "'migrationhost baseline VERSION'")]
    [InlineData("serve --port 80", "'--port' is an option of other tools. Here, 'migrationhost serve --urls http://*:8080'")]
    [InlineData("serve --port=80", "'--port' is an option of other tools. Here, 'migrationhost serve --urls http://*:8080'")]
    [InlineData("--url postgres://me:hidden@db/app up", "'--url' is an option of other tools. Here, a setting names the database")]
    [InlineData("migrate -url=jdbc:postgresql://db/app?password=hidden", "'-url' is an option of other tools. Here, a setting names")]
    [InlineData("-path migrations -database postgres://me:hidden@db/app up", "'-path' is an option of other tools. Here, a setting names the folder")]
    [InlineData("migrate --migrations-dir db", "--MigrationHost:Databases:app:Migrations=")]
    [InlineData("migrate --config x.toml", "appsettings.json in the current folder")]
    public async Task Another_tools_word_is_answered_with_ours(string typed, string answer)
    {
        var (code, output, errors) = await RunAsync(typed.Split(' '));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(answer, errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
        Assert.DoesNotContain("hidden", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_the_exit_codes()
    {
        var (code, output, _) = await RunAsync("--help");
        Assert.Equal(0, code);
        foreach (var number in new[] { "0", "1", "2", "3", "4", "5", "6", "7", "8", "10", "11", "12", "130, 143", "137" })
            Assert.Contains(output.Split('\n'), line => line.StartsWith($"  {number} ", StringComparison.Ordinal));

        (_, output, _) = await RunAsync("locks", "--help");
        Assert.Contains("\n  11        Another process or session holds a lock", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n  12 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_of_healthcheck_has_its_own_meaning_of_1()
    {
        var (code, output, _) = await RunAsync("healthcheck", "--help");

        Assert.Equal(0, code);
        Assert.Contains("\n  1         The host answered something else, or not at all.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_says_what_a_code_means_and_what_to_do()
    {
        var (code, output, _) = await RunAsync("explain", "7");
        Assert.Equal(0, code);
        Assert.StartsWith("7  HistoryMismatch\n", output, StringComparison.Ordinal);
        Assert.Contains("What to do: ", output, StringComparison.Ordinal);

        (code, output, _) = await RunAsync("explain", "blocked", "--json");
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal((0, "Blocked", 5), (code, answer.GetProperty("code").GetString(), answer.GetProperty("exitCodes")[0].GetInt32()));

        (code, _, var errors) = await RunAsync("explain", "histori-mismatch");
        Assert.Equal(2, code);
        Assert.Contains("did you mean 'HistoryMismatch'?", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_code_of_an_error_is_explained()
    {
        foreach (var code in Enum.GetValues<MigrationErrorCode>())
            Assert.Equal(ExitCodes.Of(code), Meaning.Find(code.ToString())?.ExitCode);
        Assert.Same(Meaning.Find("130"), Meaning.Find("143"));
        Assert.Null(Meaning.Find("9"));
    }

    [Fact]
    public async Task Status_is_short_for_scripts()
    {
        Assert.Equal((10, "app\t-\t1\tpending\n"), Two(await RunAsync("status", "--short")));
        Assert.Equal((0, ""), Two(await RunAsync("migrate", "--quiet")));
        Assert.Equal((0, "app\t1\t0\tready\n"), Two(await RunAsync("status", "--short")));
        File.WriteAllText(_database.Path, "this is not a database, and never was one: it is a text that is long enough");
        Assert.Equal((3, "app\t-\t-\tDatabaseUnreachable\n"), Two(await RunAsync("status", "--short")));
        Assert.Equal(2, (await RunAsync("status", "--short", "--json")).Code);

        static (int, string) Two((int Code, string Output, string Errors) run) => (run.Code, run.Output);
    }

    [Fact]
    public async Task Quiet_leaves_the_exit_code_and_the_error()
    {
        _database.Migration("2_broken", "SELECT nowhere;");

        var (code, output, errors) = await RunAsync("migrate", "--quiet");

        Assert.Equal((4, ""), (code, output));
        Assert.Contains("migrations/2_broken.sql:1", errors, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("migrate", "--quiet", "--json")).Code);
    }

    [Fact]
    public async Task A_dry_run_in_json_has_the_form_of_a_run()
    {
        var (code, output, _) = await RunAsync("migrate", "--dry-run", "--json");

        Assert.Equal(10, code);
        var lines = output.Trim().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["pending", "summary"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("1", lines[0].GetProperty("migration").GetProperty("version").GetString());
        Assert.Equal(10, lines[1].GetProperty("exitCode").GetInt32());
        Assert.Equal(1, lines[1].GetProperty("status").GetProperty("databases")[0].GetProperty("pendingCount").GetInt32());
    }

    [Fact]
    public async Task Validate_ends_with_0_or_7_and_resolve_says_what_it_accepts()
    {
        Assert.Equal((0, "app  valid: empty, latest is 1, 0 applied, 1 pending (data/app.db)\n"), Two(await RunAsync("validate")));
        Assert.Equal(0, (await RunAsync("migrate")).Code);
        File.AppendAllText(_database.Folder["migrations/1_create_users.sql"], "-- changed\n");

        var (code, output, _) = await RunAsync("validate", "--json");
        Assert.Equal(7, code);
        Assert.Equal(7, JsonDocument.Parse(output).RootElement.GetProperty("exitCode").GetInt32());

        (code, output, _) = await RunAsync("resolve", "1", "--changed");
        Assert.Equal(0, code);
        Assert.Matches("^app  1 is accepted as migrations/1_create_users.sql is now: sha256:[0-9a-f]{64} \\(was applied as sha256:[0-9a-f]{64}\\); none of it was run\n$", output);
        Assert.Equal(0, (await RunAsync("validate")).Code);

        static (int, string) Two((int Code, string Output, string Errors) run) => (run.Code, run.Output);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigrationHostProgram.RunAsync(_database.Folder.Path, [.. arguments, .. _database.Arguments()]);
}
