using System.Net;
using System.Net.Sockets;

namespace MigrationHost.Tests.Support;

/// <summary>What a client sees of a proxy that gives its statements to sessions of its own: the connection is announced under another id than the one it runs in.</summary>
internal sealed class MultiplexingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int _to;

    public MultiplexingProxy(int to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_over.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using var disposed = client;
        await server.ConnectAsync(IPAddress.Loopback, _to, _over.Token);
        var (up, down) = (client.GetStream(), server.GetStream());

        // The greeting: 4 bytes of header, the protocol's version, the server's version up to a NUL, the connection id.
        var greeting = new byte[4096];
        var length = await down.ReadAsync(greeting, _over.Token);
        var id = Array.IndexOf(greeting, (byte)0, 5) + 1;
        greeting[id + 2]++;
        await up.WriteAsync(greeting.AsMemory(0, length), _over.Token);
        await Task.WhenAny(up.CopyToAsync(down, _over.Token), down.CopyToAsync(up, _over.Token));
    }
}
