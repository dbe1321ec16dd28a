using System.Net;
using System.Net.NetworkInformation;
using MigrationHost.Platform;

namespace MigrationHost.Databases.MySql;

/// <summary>Tells our own sessions, and other connections of this very process, from everybody else on the server.</summary>
internal sealed class MySqlOwnSessions
{
    private readonly HashSet<int> _ports;

    /// <param name="sessions">Our sessions.</param>
    /// <param name="snapshot">What the server shows.</param>
    /// <param name="port">The server's port.</param>
    public MySqlOwnSessions(IReadOnlyList<MySqlSession> sessions, MySqlSnapshot snapshot, int port)
    {
        _ports = OwnSockets.LocalPorts([port]);
        var ids = sessions.SelectMany(session => new[] { session.Id, session.Side?.Id }).OfType<int>().Append(snapshot.Asker).ToHashSet();
        ids.UnionWith(snapshot.Threads.Where(thread => OwnChildren.Contains(thread.Words?.Token)).Select(thread => thread.Id));
        if (snapshot.Turn is ({ } side, { } work) && ids.Contains(side))
            ids.Add(work);
        Ids = ids;
    }

    /// <summary>The connection ids of our sessions.</summary>
    public IReadOnlySet<int> Ids { get; }

    /// <summary>Whether its client is in this process.</summary>
    public bool IsOfThisProcess(MySqlThread thread) =>
        thread is { Port: { } port, Address: { } address } && _ports.Contains(port) && IsHere(address);

    // The server may have looked up the name of the address.
    private static bool IsHere(string host) => host is "localhost"
        || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out var address) && (IPAddress.IsLoopback(address) || LocalAddresses().Contains(address));

    private static HashSet<IPAddress> LocalAddresses()
    {
        try
        {
            var networks = NetworkInterface.GetAllNetworkInterfaces().Select(network => network.GetIPProperties());
            return [.. networks.SelectMany(network => network.UnicastAddresses).Select(address => address.Address)];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
