using System.Net;
using System.Net.NetworkInformation;
using MigrationHost.Platform;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Tells our own sessions, and other connections of this very process, from everybody else on the server.</summary>
internal sealed class OwnSessions
{
    private readonly HashSet<int> _ids;
    private readonly IReadOnlyCollection<int> _leftBehind;
    private readonly HashSet<int> _ports;
    private readonly HashSet<IPAddress> _addresses;

    /// <param name="sessions">Our sessions.</param>
    /// <param name="leftBehind">Backends whose connection to us has broken: nobody uses them any more.</param>
    /// <param name="snapshot">What the server shows.</param>
    public OwnSessions(IReadOnlyList<PostgreSqlSession> sessions, IReadOnlyCollection<int> leftBehind, LockSnapshot snapshot)
    {
        _leftBehind = leftBehind;
        _ports = OwnSockets.LocalPorts([.. sessions.Select(session => session.Work.Server.Port)]);
        _ids = [.. sessions.Select(session => session.Pid), .. sessions.Select(session => session.Side?.AnnouncedPid).OfType<int>()];
        _ids.UnionWith(
            snapshot.Backends
                .Where(backend => OwnChildren.Contains(ApplicationName.TokenOf(backend.Instance)))
                .Select(backend => backend.Id));

        // Behind a pooler the announced pids are the pooler's; the name of this process has to do.
        if (sessions.Any(session => session.Work.AnnouncedPid != session.Pid))
            _ids.UnionWith(snapshot.Backends.Where(IsNamedLikeOurs).Select(backend => backend.Id).Except(leftBehind));
        _addresses = _ports.Count > 0 ? LocalAddresses() : [];
    }

    public bool Include(int id) => _ids.Contains(id);

    /// <summary>Whether it is a session of ours whose connection has broken.</summary>
    public bool HaveLeftBehind(ServerBackend backend) => _leftBehind.Contains(backend.Id) && IsNamedLikeOurs(backend);

    /// <summary>Whether its client is in this process.</summary>
    public bool IsOfThisProcess(ServerBackend backend) =>
        IsNamedLikeOurs(backend)
        || (backend.Port is { } port && _ports.Contains(port)
            && IPAddress.TryParse(backend.Address, out var address) && (IPAddress.IsLoopback(address) || _addresses.Contains(address)));

    private static bool IsNamedLikeOurs(ServerBackend backend) => backend.Instance == ApplicationName.Own;

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
