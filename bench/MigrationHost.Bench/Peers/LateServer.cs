using System.Net;
using System.Net.Sockets;

namespace MigrationHost.Bench.Peers;

/// <summary>A port of 127.0.0.1 that refuses connections for a while, and then passes them on to the server's own.</summary>
internal sealed class LateServer : IDisposable
{
    private readonly CancellationTokenSource _end = new();

    public LateServer(TimeSpan late, int behind)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        _ = ServeAsync(late, behind);
    }

    public int Port { get; }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private async Task ServeAsync(TimeSpan late, int behind)
    {
        try
        {
            await Task.Delay(late, _end.Token);
            using var listener = new TcpListener(IPAddress.Loopback, Port);
            listener.Start();
            while (true)
                _ = PassAsync(await listener.AcceptTcpClientAsync(_end.Token), behind);
        }
        catch (OperationCanceledException)
        {
            // The situation is over.
        }
    }

    private static async Task PassAsync(TcpClient client, int behind)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(IPAddress.Loopback, behind);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
    }
}
