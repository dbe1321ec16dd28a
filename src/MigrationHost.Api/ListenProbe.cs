using System.Net;
using System.Net.Sockets;
using MigrationHost.Http;

namespace MigrationHost.Api;

/// <summary>Finds out whether an address can be listened on, without listening: it is bound and let go at once.</summary>
internal static class ListenProbe
{
    /// <summary>What Kestrel would bind for an address; nothing for a socket file, or a port that the system chooses.</summary>
    public static IEnumerable<IPEndPoint> EndPointsOf(string url)
    {
        if (ListenAddress.Parse(url) is not { Port: > 0, IsUnixPipe: false, IsNamedPipe: false } address)
            return [];
        return address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            ? Local([IPAddress.Loopback, IPAddress.IPv6Loopback], address.Port)
            : IPAddress.TryParse(address.Host, out var ip) ? [new IPEndPoint(ip, address.Port)]
            : [new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, address.Port)];
    }

    /// <summary>Whether both cannot be listened on at once.</summary>
    public static bool Overlap(IPEndPoint one, IPEndPoint other) =>
        one.Port == other.Port
            && (one.Address.Equals(other.Address) || Covers(one.Address, other.Address) || Covers(other.Address, one.Address));

    /// <summary>Why the socket of an address cannot be listened on; null where it can, or the address has none.</summary>
    public static string? WhyNotSocket(string url)
    {
        if (ListenAddress.Parse(url) is not { } address || ListenAddress.SocketOf(address) is not { } endPoint)
            return null;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Its file goes with it.
            socket.Bind(endPoint);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? "has a socket whose file is there already; end the process that has it, or delete the file"
                : $"has a socket that cannot be made: {e.Message.TrimEnd('.')}; write a path in a folder that is there and takes a file";
        }
    }

    /// <summary>Why an address cannot be listened on; null where it can.</summary>
    public static string? WhyNot(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    $"failed to bind to port {endPoint.Port}: address already in use; choose another, or end the process that has it",
                SocketError.AccessDenied =>
                    $"failed to bind to port {endPoint.Port}: this process's user may not; choose a port from 1024 on",
                SocketError.AddressNotAvailable => "is not an address of this machine; write *, localhost or one that it has",
                _ => $"cannot be listened on: {e.Message}",
            };
        }
    }

    // Kestrel listens on what there is of both.
    private static IEnumerable<IPEndPoint> Local(IPAddress[] addresses, int port) =>
        addresses.Where(address =>
            address.AddressFamily == AddressFamily.InterNetwork ? Socket.OSSupportsIPv4 : Socket.OSSupportsIPv6 && HasIPv6Loopback())
            .Select(address => new IPEndPoint(address, port));

    private static bool HasIPv6Loopback() => WhyNot(new IPEndPoint(IPAddress.IPv6Loopback, 0)) is null;

    // Listening on all of IPv6, Kestrel listens on all of IPv4 too.
    private static bool Covers(IPAddress all, IPAddress one) => all.Equals(IPAddress.IPv6Any)
        || (all.Equals(IPAddress.Any) && one.AddressFamily == AddressFamily.InterNetwork);
}
