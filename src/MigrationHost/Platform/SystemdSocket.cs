using System.Net.Sockets;
using System.Text;

namespace MigrationHost.Platform;

/// <summary>
/// Tells systemd about this service: one datagram for each message, to the socket that it names.
/// <see href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html"/>
/// </summary>
internal sealed class SystemdSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };

    private SystemdSocket(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    /// <summary>The socket of the environment; null if systemd is not there, or does not want to hear of this process.</summary>
    public static SystemdSocket? Open(string? notifySocket)
    {
        if (notifySocket is not ['/' or '@', _, ..])
            return null;
        try
        {
            // An abstract socket, which has no file, begins with a NUL.
            return new SystemdSocket(notifySocket[0] == '@' ? '\0' + notifySocket[1..] : notifySocket);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Sends a message, if that can be done at once: nothing waits for systemd.</summary>
    /// <returns>Whether it was sent; false if systemd is not there any more, or does not listen right now.</returns>
    public bool TryTell(params IEnumerable<string> assignments)
    {
        try
        {
            _socket.Send(Encoding.UTF8.GetBytes(string.Join('\n', assignments)));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();
}
