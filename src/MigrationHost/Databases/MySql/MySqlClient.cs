using System.Globalization;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>A session of the server, and the client that it belongs to. An id alone may be another client's after a restart.</summary>
/// <param name="Id">Its connection id.</param>
/// <param name="Host">Its client's host, and port where it came by TCP.</param>
internal sealed record MySqlClient(int Id, string? Host)
{
    /// <summary>Asks for the session that answers.</summary>
    /// <remarks>
    /// ProxySQL answers <c>SELECT CONNECTION_ID()</c>, written just so, by itself and with the id that it has announced; anything else
    /// goes to the server. <see href="https://github.com/sysown/proxysql/blob/v2.6.0/include/MySQL_Session.h"/>
    /// </remarks>
    public static readonly SqlCommand Question =
        "SELECT CONNECTION_ID(), (SELECT host FROM information_schema.processlist WHERE id = CONNECTION_ID())";

    public static MySqlClient Read(MySqlDataReader row) =>
        new(Convert.ToInt32(row.GetValue(0), CultureInfo.InvariantCulture), row.IsDBNull(1) ? null : row.GetString(1));
}
