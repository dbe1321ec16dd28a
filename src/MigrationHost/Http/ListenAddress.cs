using System.Net.Sockets;
using MigrationHost.Databases.Connections;
using Microsoft.AspNetCore.Http;

namespace MigrationHost.Http;

/// <summary>
/// Checks addresses to listen on: Kestrel would take some for others, and end the start with a stack trace for the rest. None is
/// quoted: it may be a secret in the wrong place.
/// </summary>
internal static class ListenAddress
{
    /// <summary>What is wrong with an address; null if it can be one.</summary>
    public static string? Problem(string text)
    {
        if (Parse(text) is not { } address || address.Scheme is not ("http" or "https"))
            return "is not an address; write for example http://localhost:8080";
        if (address.IsNamedPipe)
            return OperatingSystem.IsWindows() ? null : "is a named pipe, which only Windows has; write for example http://localhost:8080";
        if (address.IsUnixPipe)
            return SocketOf(address) is null ? "has a socket whose path is too long for this system; write one of 100 bytes at most" : null;
        if (address.Port is < 0 or > ushort.MaxValue)
            return "has a port that is not a number up to 65535";
        if (!IsHost(address.Host))
            return "has a host that is not valid; write *, localhost or an address of this machine, without user or password";
        if (address.PathBase.Length > 0)
            return "has a path, and an address to listen on has none; UsePathBase in the application removes a prefix";
        return address is { Port: 0, Host: "localhost" }
            ? "has port 0 with localhost, which means two addresses; write http://127.0.0.1:0"
            : null;
    }

    /// <summary>What is wrong with an address of its own for health and status; null if it can be one.</summary>
    public static string? ManagementProblem(string text) =>
        Problem(text) is { } problem ? problem.Replace(":8080", ":9090", StringComparison.Ordinal)
        : Parse(text) is { Scheme: "https" }
            ? "is https, which needs a certificate, and none can be set for it; write http://localhost:9090, and let a proxy speak https"
        : Parse(text) is { Port: 0, IsUnixPipe: false }
            ? "has port 0, so that its clients could not know the port; write for example http://localhost:9090"
        : null;

    /// <summary>The address in its parts; null if the text is none.</summary>
    public static BindingAddress? Parse(string text)
    {
        try
        {
            return BindingAddress.Parse(text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The socket of an address that is one; null if it is none, or its path is too long.</summary>
    public static UnixDomainSocketEndPoint? SocketOf(BindingAddress address)
    {
        try
        {
            return address.IsUnixPipe ? new UnixDomainSocketEndPoint(address.UnixPipePath) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsHost(string host) => host is "*" or "+" || HostName.IsPossible(host is ['[', .. var v6, ']'] ? v6 : host);
}
