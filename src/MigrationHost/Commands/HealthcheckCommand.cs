using System.CommandLine;
using System.Net.Sockets;
using MigrationHost.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

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
        command.SetAction(async (parsed, cancellation) =>
            (parsed.GetValue(url) is { } text ? new ConfiguredAddress("--url", text) : Configured(hosts)) is { } address
                ? await RunAsync(address, parsed.GetValue(live) ? "health/live" : "health/ready", cancellation).ConfigureAwait(false)
                : ExitCodes.Unexpected);
        return command;
    }

    // Null if the settings cannot be read.
    private static ConfiguredAddress? Configured(ICommandHosts hosts)
    {
        try
        {
            return Address(hosts);
        }
        catch (OptionsValidationException e)
        {
            _ = CommandHost.Refuse(e.Failures);
            return null;
        }
    }

    private static async Task<int> RunAsync(ConfiguredAddress asked, string path, CancellationToken cancellationToken)
    {
        if (ListenAddress.Parse(asked.Text) is not { Scheme: "http" or "https" } address
            || !Uri.TryCreate($"{Origin(address)}{address.PathBase}/{path}", UriKind.Absolute, out var uri))
        {
            Answer.Complain($"{asked.Setting}: is not an address; write for example http://localhost:8080");
            return ExitCodes.Unexpected;
        }
        try
        {
            // A proxy would answer for itself, or ask its own localhost.
            using var handler = new SocketsHttpHandler { UseProxy = false };
            if (address.IsUnixPipe)
                handler.ConnectCallback = (_, cancellation) => ConnectAsync(address.UnixPipePath, cancellation);
            using var client = new HttpClient(handler) { Timeout = Longest };
            using var answer = await client.GetAsync(uri, cancellationToken).ConfigureAwait(false);
            Answer.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)}");
            await Answer.DeliverAsync(Answer.Short, cancellationToken).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? ExitCodes.Success : ExitCodes.Unexpected;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            var place = address.IsUnixPipe ? address.UnixPipePath : uri.GetLeftPart(UriPartial.Scheme) + uri.Authority;
            Answer.Complain($"{place}: {e.Message}");
            return ExitCodes.Unexpected;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A wildcard is not an address to ask, nor is the path of a socket.
    private static string Origin(BindingAddress address) => address.IsUnixPipe
        ? $"{address.Scheme}://localhost"
        : $"{address.Scheme}://{(address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host)}:{address.Port}";

    // Where serve listens with the same settings; if there is a choice, where no certificate can be in the way.
    private static ConfiguredAddress Address(ICommandHosts hosts) =>
        hosts.ManagementUrl is { } management ? new("MigrationHost:ManagementUrl", management)
        : ConfiguredAddress.In(hosts.Configuration)
            .OrderBy(address => address.Text.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            .FirstOrDefault(new ConfiguredAddress("urls", hosts.DefaultUrl));
}
