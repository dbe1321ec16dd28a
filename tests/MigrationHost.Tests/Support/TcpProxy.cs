using System.Net;
using System.Net.Sockets;

namespace MigrationHost.Tests.Support;

/// <summary>The network between two programs, to be cut: nothing goes through any more, and nobody is told.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly List<TcpClient> _clients = [];
    private readonly int _to;
    private volatile bool _cut;

    public TcpProxy(int to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _cut = true;

    /// <summary>New connections go through again; the old ones stay dead.</summary>
    public void Mend()
    {
        lock (_clients)
            _clients.Clear();
        _cut = false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_over.IsCancellationRequested)
            return;
        await _over.CancelAsync();
        _listener.Dispose();
        lock (_clients)
            _clients.ForEach(client => client.Dispose());
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_over.Token);
                if (_cut)
                {
                    lock (_clients)
                        _clients.Add(client);
                    continue;
                }
                var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _to, _over.Token);
                lock (_clients)
                    _clients.AddRange([client, server]);
                _ = CopyAsync(client, server);
                _ = CopyAsync(server, client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[8192];
        try
        {
            int length;
            while ((length = await from.GetStream().ReadAsync(buffer, _over.Token)) > 0 && !_cut)
                await to.GetStream().WriteAsync(buffer.AsMemory(0, length), _over.Token);
            if (!_cut)
                to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Broken from one side: broken from the other too, unless the network is cut.
            if (!_cut)
                to.Close();
        }
    }
}
