using System.Globalization;

namespace MigrationHost.Platform;

/// <summary>
/// The TCP ports that this process is connected from: a server that shows a client's port thereby shows whether the client is this process.
/// </summary>
internal static class OwnSockets
{
    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    /// <summary>The local ports of this process's TCP connections; empty if the system does not show them.</summary>
    /// <param name="to">The servers' ports: a local port may be in use for several servers at once. None for all.</param>
    public static HashSet<int> LocalPorts(IReadOnlyCollection<int> to) => LocalPorts("self", to);

    /// <summary>The local ports of the TCP connections of other processes of this system; what it does not show is left out.</summary>
    public static HashSet<int> LocalPorts(IEnumerable<int> processes) =>
        [.. processes.SelectMany(pid => LocalPorts(pid.ToString(CultureInfo.InvariantCulture), []))];

    private static HashSet<int> LocalPorts(string process, IReadOnlyCollection<int> to)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
                return [];
            var own = Directory.EnumerateFiles($"/proc/{process}/fd").Select(SocketInode).OfType<string>().ToHashSet();
            return [.. Tables.Where(File.Exists).SelectMany(table => Ports(table, own, to))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Columns: number, local address:port in hexadecimal, remote, state, queues, timer, retransmits, uid, timeout, inode.
    private static IEnumerable<int> Ports(string table, HashSet<string> inodes, IReadOnlyCollection<int> to) =>
        from line in File.ReadLines(table).Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields.Length > 9 && inodes.Contains(fields[9]) && (to.Count == 0 || to.Contains(Port(fields[2])))
        select Port(fields[1]);

    private static int Port(string endpoint) =>
        int.Parse(endpoint.AsSpan(endpoint.LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string? SocketInode(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name is { } name
                && name.StartsWith("socket:[", StringComparison.Ordinal)
                    ? name[8..^1]
                    : null;
        }
        catch (IOException)
        {
            // Closed between the listing and the look.
            return null;
        }
    }
}
