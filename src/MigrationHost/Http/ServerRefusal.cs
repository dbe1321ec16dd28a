using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace MigrationHost.Http;

/// <summary>Tells a server that cannot listen from a host that failed: the first is a matter of its addresses or certificates.</summary>
internal static class ServerRefusal
{
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";

    /// <summary>Why the server refused to start, in one line; null if something else failed.</summary>
    public static string? Of(Exception e) => e switch
    {
        AggregateException { InnerExceptions: [var only] } => Of(only),
        { InnerException: AddressInUseException } => FirstLine(e.Message),
        _ when e.StackTrace?.Contains(Kestrel, StringComparison.Ordinal) is not true => null,
        SocketException socket => $"an address cannot be listened on: {socket.Message}",
        IOException or InvalidOperationException or FormatException or ArgumentException or UnauthorizedAccessException
            or PlatformNotSupportedException or System.Security.Cryptography.CryptographicException => FirstLine(e.Message),
        _ => null,
    };

    private static string FirstLine(string message) => message.Split('\n')[0].Trim().TrimEnd('.');
}
