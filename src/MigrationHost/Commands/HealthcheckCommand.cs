using System.CommandLine;

namespace MigrationHost.Commands;

/// <summary>Asks a running host for its health, for images that have no curl.</summary>
internal static class HealthcheckCommand
{
    public const string Name = "healthcheck";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public static Command Create(ICommandHosts hosts)
    {
        var live = new Option<bool>("--live")
        {
            Description = "Ask for liveness instead of readiness: right for an image's HEALTHCHECK, so that nothing kills a long migration",
        };
        var url = new Option<string?>("--url") { Description = "Where the host listens (default: as its settings say)", HelpName = "URL" };
        var command = new Command(Name,
            """
            Asks a running host for /health/ready, or /health/live with --live. Exits with 0 if it answers 200, else with 1.

            Example: migrationhost healthcheck --live --url http://localhost:8080
            """) { live, url };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(url) ?? Address(hosts), parsed.GetValue(live) ? "health/live" : "health/ready", cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string url, string path, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            Answer.Complain("--url: is not an address; write for example http://localhost:8080");
            return ExitCodes.Unexpected;
        }
        try
        {
            // A proxy would answer for itself, or ask its own localhost.
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Longest };
            using var answer = await client.GetAsync(new Uri(address, path), cancellationToken).ConfigureAwait(false);
            Answer.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)}");
            await Answer.DeliverAsync(Answer.Short, cancellationToken).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? ExitCodes.Success : ExitCodes.Unexpected;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Answer.Complain($"{address.GetLeftPart(UriPartial.Scheme)}{address.Authority}: {e.Message}");
            return ExitCodes.Unexpected;
        }
    }

    // Where serve would listen with the same settings. A wildcard is not an address to ask.
    private static string Address(ICommandHosts hosts)
    {
        var configuration = hosts.Configuration;
        var url = configuration["MigrationHost:ManagementUrl"]
            ?? configuration["urls"]?.Split(';')[0]
            ?? (configuration["http_ports"]?.Split(';')[0] is { } port ? $"http://localhost:{port}" : null)
            ?? configuration.GetSection("Kestrel:Endpoints").GetChildren()
                .Select(endpoint => endpoint["Url"])
                .FirstOrDefault(endpoint => endpoint is not null)
            ?? hosts.DefaultUrl;
        return url.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal);
    }
}
