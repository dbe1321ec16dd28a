using System.Net;

namespace MigrationHost.Databases.Connections;

/// <summary>The rules for a host: a wrong one is refused at once, it would be waited for in vain.</summary>
internal static class HostName
{
    /// <summary>
    /// Whether a text can be a host: a name, an IPv4 or IPv6 address, the folder of a unix socket from / on, or an abstract one from @ on.
    /// </summary>
    public static bool IsPossible(string host) => host switch
    {
        "" => false,
        ['/', ..] => !host.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is '=' or '@' or ';' or ','),
        ['@', .. var socket] =>
            socket.Length > 0 && socket.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/'),
        _ when host.Contains(':', StringComparison.Ordinal) => IPAddress.TryParse(host, out _),
        _ => host.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.'),
    };
}
