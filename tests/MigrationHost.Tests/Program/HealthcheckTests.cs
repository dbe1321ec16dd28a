using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary><c>healthcheck</c> asks where <c>serve</c> listens with the same settings.</summary>
public sealed class HealthcheckTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task It_asks_the_running_host()
    {
        await using (var serving = await ServingProgram.StartAsync(_database.Folder.Path, _database.Arguments()))
        {
            await serving.ReadyAsync();
            Assert.Equal(0, (await RunAsync("healthcheck", "--url", serving.Client.BaseAddress!.ToString())).Code);
            Assert.Equal(0, (await RunAsync("healthcheck", "--live", "--url", serving.Client.BaseAddress!.ToString())).Code);
            Assert.Equal(0, (await RunAsync("healthcheck", $"--urls={serving.Client.BaseAddress!.ToString().Replace("127.0.0.1", "*", StringComparison.Ordinal)}")).Code);
        }
        Assert.Equal(1, (await RunAsync("healthcheck", "--url", "http://127.0.0.1:9")).Code);
        Assert.Equal(1, (await RunAsync("healthcheck", "--url", "nonsense")).Code);
    }

    [Theory]
    [InlineData("{", "is not valid JSON")]
    [InlineData("{\"Zq7xKw9v\":1,\"Zq7xKw9v\":2}", "cannot be read as settings")]
    [InlineData(null, "contentRoot: is not a folder", "--contentRoot=/no/x")]
    public async Task Settings_that_cannot_be_read_are_told_as_by_any_other_command(string? file, string told, params string[] arguments)
    {
        if (file is not null)
            _database.Folder.Write("appsettings.json", file);
        var (code, _, errors) = await RunAsync(["healthcheck", .. arguments]);

        Assert.True(code == 1, errors);
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Zq7x", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_asks_no_proxy()
    {
        await using var serving = await ServingProgram.StartAsync(_database.Folder.Path, _database.Arguments());
        await serving.ReadyAsync();
        string[] names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
        var proxies = names.ToDictionary(name => name, _ => (string?)"http://127.0.0.1:9");
        await using var program = new RunningProgram(
            MigrationHostProgram.Path, ["healthcheck", "--url", serving.Client.BaseAddress!.ToString()], _database.Folder.Path, proxies);

        Assert.True(await program.ExitAsync() == 0, program.All);
    }

    [Fact]
    public async Task Of_several_settings_it_follows_the_one_that_serve_follows()
    {
        await using var serving = await ServingProgram.StartAsync(_database.Folder.Path, _database.Arguments());
        await serving.ReadyAsync();
        var url = serving.Client.BaseAddress!.ToString();
        var port = serving.Client.BaseAddress!.Port;
        const string end = "--Kestrel:Endpoints:a:Url";
        const string nowhere = "http://127.0.0.1:9";
        string[][] settings =
        [
            [$"{end}={url}", $"--urls={nowhere}", "--http_ports=9"],
            [$"{end}=https://127.0.0.1:9", $"--Kestrel:Endpoints:b:Url={url}"],
            [$"--urls=https://127.0.0.1:9;{url}", "--http_ports=9"],
            ["--MigrationHost:ManagementUrl=", $"--urls={url}"],
            ["--urls= ; ", $"--http_ports={port}"],
            [$"--MigrationHost:ManagementUrl={url}", $"--urls={nowhere}"],
        ];
        foreach (var chosen in settings)
        {
            var (code, output, errors) = await RunAsync(["healthcheck", .. chosen]);
            Assert.True(code == 0, $"{string.Join(' ', chosen)}: {output}{errors}");
        }
        await using var preferred = MigrationHostProgram.StartWith(
            new() { ["ASPNETCORE_PREFERHOSTINGURLS"] = "true" }, _database.Folder.Path, ["healthcheck", $"{end}={nowhere}", $"--urls={url}"]);
        Assert.True(await preferred.ExitAsync() == 0, preferred.All);
    }

    [Fact]
    public async Task It_asks_a_socket_too()
    {
        var url = $"http://unix:{_database.Folder["s.sock"]}";
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["serve", .. _database.Arguments(), "--urls", url]);
        await Eventually.BecomesTrueAsync(() => program.All.Contains("ready at 1", StringComparison.Ordinal), () => program.All);

        Assert.Equal(0, (await RunAsync("healthcheck", $"--urls={url}")).Code);
        Assert.Equal(0, (await RunAsync("healthcheck", "--live", "--url", url)).Code);
        var (code, _, errors) = await RunAsync("healthcheck", $"--urls={url}.none");
        Assert.Equal((1, true), (code, errors.Contains("s.sock.none: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_setting_that_is_no_address_is_named()
    {
        var (code, _, errors) = await RunAsync("healthcheck", "--urls=nonsense");

        Assert.Equal((1, true), (code, errors.Contains("urls: is not an address", StringComparison.Ordinal)));
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigrationHostProgram.RunAsync(_database.Folder.Path, arguments);
}
