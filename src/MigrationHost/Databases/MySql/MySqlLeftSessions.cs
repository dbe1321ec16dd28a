using System.Globalization;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>Sessions that may outlive their clients: those of external tools, and our own behind a network that was cut.</summary>
internal sealed class MySqlLeftSessions
{
    private readonly Lock _changing = new();
    private (MySqlServer? Server, MySqlClient[] Clients) _left = (null, []);

    /// <param name="server">The server that they are sessions of: once it starts again, their ids are others'.</param>
    /// <param name="sessions">The sessions.</param>
    public void Add(MySqlServer server, params IEnumerable<MySqlClient> sessions)
    {
        lock (_changing)
            _left = (server, [.. On(server).Union(sessions)]);
    }

    /// <summary>Ends those that are still there.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="MySqlException">The server refuses.</exception>
    public async Task<bool> EndAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        var ours = On(link.Server);
        if (ours.Length == 0)
            return false;
        var there = await link.QueryAsync("SELECT id, host FROM information_schema.processlist", MySqlClient.Read, cancellationToken)
            .ConfigureAwait(false);
        var left = there.FindAll(one => Array.IndexOf(ours, one) >= 0);
        foreach (var one in left)
            await EndAsync(one, link, cancellationToken).ConfigureAwait(false);
        return left.Count > 0;
    }

    private MySqlClient[] On(MySqlServer server)
    {
        lock (_changing)
            return _left.Server?.IsSameRun(server) is true ? _left.Clients : [];
    }

    private static async Task EndAsync(MySqlClient one, MySqlLink link, CancellationToken cancellationToken)
    {
        try
        {
            await link.ExecuteAsync(cancellationToken, string.Create(CultureInfo.InvariantCulture, $"KILL {one.Id}"))
                .ConfigureAwait(false);
        }
        catch (MySqlException gone) when (gone.ErrorCode == MySqlErrorCode.NoSuchThread)
        {
            // It has ended meanwhile.
        }
    }
}
