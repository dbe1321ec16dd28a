using MigrationHost.Databases.Connections;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// Reads a connection string of any form into the driver's own: an address, or the driver's keys. What is not understood is named by its
/// position.
/// </summary>
internal static class MySqlConnectionString
{
    public const string Example = "Server=db;Database=app;User ID=app;Password=…";

    private const string WrongHost =
        "host is not a host: a blank, '=', '@', '/' or another character in it is not part of a name or address";

    /// <returns>The driver's connection string and what of the given one is not used; null if there are problems.</returns>
    public static (MySqlConnectionStringBuilder Builder, IReadOnlyList<string> Notes)? Read(string text, List<string> problems)
    {
        var (builder, found, notes) = (new MySqlConnectionStringBuilder(), new List<string>(), new List<string>());
        if (ConnectionAddress.SchemeOf(text) is not null)
            ReadAddress(text, builder, found, notes);
        else
            ReadDriver(text, builder, found);
        if (found.Count == 0)
            Check(builder, found);
        problems.AddRange(found);
        return found.Count == 0 ? (builder, notes) : null;
    }

    private static void ReadAddress(string text, MySqlConnectionStringBuilder builder, List<string> problems, List<string> notes)
    {
        if (ConnectionAddress.Read(text, problems) is not { } address)
            return;
        if (address.Hosts.Count > 1)
            problems.Add("names several hosts: name the one that takes writes, migrations cannot run on another");
        builder.Server = address.Hosts.Count > 0 ? address.Hosts[0].Name : "";
        if (address.Hosts is [{ Port: { } port }, ..])
            builder.Port = (uint)port;
        builder.Database = address.Path;
        builder.UserID = address.User ?? "";
        builder.Password = address.Password ?? "";
        for (var i = 0; i < address.Parameters.Count; i++)
        {
            var (name, value, _) = address.Parameters[i];
            if (!MySqlParameters.IsKnown(name))
                problems.Add($"its {Ordinal.Of(i + 1)} parameter is not known{NearestName.IfNear(name, MySqlParameters.Names)}");
            else if (MySqlParameters.WhyIgnored(name) is { } why)
                notes.Add($"{name} in the connection string is not used: {why}");
            else if (value.Length > 0 && !MySqlParameters.TrySet(builder, name, value))
                problems.Add($"the value of its parameter {name} has the wrong form");
        }
    }

    private static void ReadDriver(string text, MySqlConnectionStringBuilder builder, List<string> problems)
    {
        if (DriverPairs.Read(text, problems) is not { } pairs)
            return;
        for (var i = 0; i < pairs.Count; i++)
        {
            var (key, value, _) = pairs[i];
            if (!IsKey(builder, key))
                problems.Add(DriverPairs.Unknown(pairs, i, NearestName.IfNear(key, KnownKeys())));
            else if (value.Length > 0 && !TrySet(builder, key, value))
                problems.Add($"the value of {key} has the wrong form");
        }
    }

    private static void Check(MySqlConnectionStringBuilder builder, List<string> problems)
    {
        var server = builder.Server;
        if (server.Length == 0)
            problems.Add($"names no host; write for example {Example}");
        else if (server.Contains(',', StringComparison.Ordinal))
            problems.Add("names several hosts: name the one that takes writes, migrations cannot run on another");
        else if (!HostName.IsPossible(server) || server[0] == '@')
            problems.Add($"its {WrongHost}");
        else if (server[0] == '/')
            builder.ConnectionProtocol = MySqlConnectionProtocol.UnixSocket;
        if (builder.ConnectionProtocol is not (MySqlConnectionProtocol.Sockets or MySqlConnectionProtocol.UnixSocket))
            problems.Add("asks for a ConnectionProtocol other than Socket and Unix: write the server's host or the path of its socket");
        if (builder.Database.Length == 0)
            problems.Add($"names no database; write for example {Example}");
        problems.AddRange(MySqlCertificates.Problems(builder));
    }

    private static bool IsKey(MySqlConnectionStringBuilder builder, string key)
    {
        try
        {
            return builder.ContainsKey(key) || builder[key] is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool TrySet(MySqlConnectionStringBuilder builder, string key, string value)
    {
        try
        {
            builder[key] = value;
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }

    private static IEnumerable<string> KnownKeys() =>
        System.ComponentModel.TypeDescriptor.GetProperties(typeof(MySqlConnectionStringBuilder))
            .Cast<System.ComponentModel.PropertyDescriptor>()
            .Where(property => property.IsBrowsable && !property.IsReadOnly)
            .Select(property => property.DisplayName);
}
