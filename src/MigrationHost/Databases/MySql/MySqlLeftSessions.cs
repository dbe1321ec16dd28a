using System.Globalization;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>Sessions that may outlive their clients: those of external tools, and our own behind a network that was cut.</summary>
internal sealed class MySqlLeftSessions
{
    private readonly Lock _changing = new();
    private MySqlClient[] _left = [];

    public void Add(params IEnumerable<MySqlClient> sessions)
    {
        lock (_changing)
            _left = [.. _left.Union(sessions)];
    }

    /// <summary>Ends those that are still there.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="MySqlException">The server refuses.</exception>
    public async Task<bool> EndAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        if (_left.Length == 0)
            return false;
        var there = await link.QueryAsync("SELECT id, host FROM information_schema.processlist", MySqlClient.Read, cancellationToken)
            .ConfigureAwait(false);
        var left = there.FindAll(_left.Contains);
        foreach (var one in left)
            await EndAsync(one, link, cancellationToken).ConfigureAwait(false);
        return left.Count > 0;
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
