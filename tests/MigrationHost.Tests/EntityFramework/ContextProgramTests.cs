using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>An application with a context, in a process of its own.</summary>
public sealed partial class ContextProgramTests : IAsyncLifetime
{
    private readonly ShopDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task It_has_the_commands_which_know_migrations_by_their_ids()
    {
        var (code, output, _) = await _database.RunAppAsync([], "status", "--json");
        var database = JsonDocument.Parse(output).RootElement.GetProperty("databases")[0];
        Assert.Equal((10, "Shop", "EntityFramework"), (code, database.GetProperty("name").GetString(), database.GetProperty("engine").GetString()));
        Assert.Equal(ShopDatabase.Ids[0], database.GetProperty("pending")[0].GetProperty("version").GetString());
        Assert.False(File.Exists(_database.Path));

        (code, output, var errors) = await _database.RunAppAsync([], "migrate", "--database", "Shop", "--target", "RequireName");
        Assert.True(code == 0, errors);
        Assert.Contains($"applied {ShopDatabase.Ids[2]} RequireName", output, StringComparison.Ordinal);
        Assert.Equal(10, (await _database.RunAppAsync([], "migrate", "--dry-run")).Code);
        Assert.Equal(0, (await _database.RunAppAsync([], "migrate")).Code);
        Assert.Equal(0, (await _database.RunAppAsync([], "status")).Code);
        (code, output, errors) = await _database.RunAppAsync([], "doctor");
        Assert.True(code == 0, output + errors);
    }

    [Fact]
    public async Task Health_and_status_are_there_without_being_mapped()
    {
        await using var program = _database.StartApp([], "--urls", "http://127.0.0.1:0");
        await Eventually.BecomesTrueAsync(() => Listening().IsMatch(program.Output) || program.HasExited, () => program.All);
        using var client = new HttpClient { BaseAddress = new Uri(Listening().Match(program.Output).Groups["url"].Value) };

        await Eventually.BecomesTrueAsync(async () => (await AnswerAsync(client, "/health/ready")).Code == 200, () => program.All);
        Assert.Equal(200, (await AnswerAsync(client, "/migrations")).Code);
        Assert.Contains("Ada", (await AnswerAsync(client, "/customers")).Text, StringComparison.Ordinal);
        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await program.ExitAsync());
    }

    [Fact]
    public async Task A_tool_that_only_starts_it_migrates_nothing()
    {
        await using var program = _database.Start(MigrationHostProgram.DesignTime, [], "--urls", "http://127.0.0.1:0");

        await Eventually.BecomesTrueAsync(
            () => program.Output.Contains("no database is opened and nothing is migrated", StringComparison.Ordinal), () => program.All);
        await Eventually.BecomesTrueAsync(() => program.Output.Contains("Application started", StringComparison.Ordinal), () => program.All);

        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await program.ExitAsync());
        Assert.Equal(["appsettings.json"], Directory.EnumerateFileSystemEntries(_database.Folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Eight_replicas_of_which_half_are_stock_apply_everything_once()
    {
        _database.Configure([]);
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i => (Stock: i % 2 == 0, Result: await RunAsync(stock: i % 2 == 0))));

        Assert.All(results.Where(result => !result.Stock), result => Assert.True(result.Result.Code == 0, result.Result.Output + result.Result.Errors));
        Assert.Equal("5|1|2", await _database.QueryAsync(
            "SELECT (SELECT count(*) FROM __EFMigrationsHistory), (SELECT count(*) FROM Customers), (SELECT count(*) FROM Orders)"));
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(bool stock) => MigrationHostProgram.RunAppAsync(
        MigrationHostProgram.EfApp,
        _database.Folder.Path,
        stock ? ["--Stock=true"] : ["migrate"]);

    private static async Task<(int Code, string Text)> AnswerAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [GeneratedRegex(@"Now listening on: (?<url>\S+)")]
    private static partial Regex Listening();
}
