using System.Text.Json;
using System.Text.RegularExpressions;

namespace MigrationHost.Tests.Support;

/// <summary><c>serve</c> in a process of its own, on a port of its own, with the full status.</summary>
internal sealed partial class ServingProgram : IAsyncDisposable
{
    private ServingProgram(RunningProgram program, Uri address)
    {
        Program = program;
        Client = new HttpClient { BaseAddress = address };
    }

    public RunningProgram Program { get; }

    public HttpClient Client { get; }

    public static async Task<ServingProgram> StartAsync(string contentRoot, params IEnumerable<string> arguments)
    {
        var program = MigrationHostProgram.Start(contentRoot, ["--MigrationHost:Status=Full", .. arguments, "--urls", "http://127.0.0.1:0"]);
        await Eventually.BecomesTrueAsync(() => Listening().IsMatch(program.Output) || program.HasExited, () => program.All);
        Assert.True(Listening().IsMatch(program.Output), program.All);
        return new ServingProgram(program, new Uri(Listening().Match(program.Output).Groups["url"].Value));
    }

    public async Task<int> StatusCodeAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return (int)answer.StatusCode;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>The status of the first database, once it is like this.</summary>
    public async Task<JsonElement> DatabaseAsync(Func<JsonElement, bool> condition)
    {
        JsonElement database = default;
        await Eventually.BecomesTrueAsync(
            async () => condition(database = (await GetAsync("/migrations")).GetProperty("databases")[0]),
            () => $"{database}\n{Program.All}");
        return database;
    }

    public Task ReadyAsync() => Eventually.BecomesTrueAsync(async () => await StatusCodeAsync("/health/ready") == 200, () => Program.All);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Program.DisposeAsync();
    }

    [GeneratedRegex(@"Now listening on: (?<url>\S+)")]
    private static partial Regex Listening();
}
