using System.Globalization;
using MigrationHost.Databases.Connections;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The hosts of a connection string: read from what each form has, and written as the driver has them.</summary>
internal static class PostgreSqlPlace
{
    private const string Example = "write for example Host=db;Database=app;Username=app;Password=…";
    private const string WrongHost =
        "host is not a host: a blank, '=', '@', '/' or another character in it is not part of a name or address";

    /// <summary>The hosts of libpq's lists; null if there is a problem.</summary>
    /// <param name="hosts">Separated by commas.</param>
    /// <param name="ports">One for each host, or one for all; null if none is given.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static IReadOnlyList<AddressHost>? Pair(string hosts, string? ports, List<string> problems)
    {
        var names = hosts.Split(',');
        var numbers = ports?.Split(',') ?? [];
        if (numbers.Length > 1 && numbers.Length != names.Length)
        {
            problems.Add("has another number of ports than of hosts");
            return null;
        }
        if (numbers.Any(number => number.Length > 0 && ConnectionAddress.PortOf(number) is null))
        {
            problems.Add("its port is not a number from 1 to 65535");
            return null;
        }
        return [.. names.Select((name, i) =>
            new AddressHost(name.Trim(), numbers.Length == 0 ? null : ConnectionAddress.PortOf(numbers[numbers.Length == 1 ? 0 : i])))];
    }

    /// <summary>The driver writes a port behind its host: <c>Host=db1:5433,[::1]:5434</c>.</summary>
    public static IReadOnlyList<AddressHost>? Split(string? hosts, List<string> problems)
    {
        var split = new List<AddressHost>();
        foreach (var text in (hosts ?? "").Split(',').Select(text => text.Trim()))
        {
            var colon = text.LastIndexOf(':');
            var hasPort = colon >= 0 && text[0] != '/' && (text.IndexOf(':', StringComparison.Ordinal) == colon || text[colon - 1] == ']');
            if (hasPort && ConnectionAddress.PortOf(text[(colon + 1)..]) is null)
            {
                problems.Add($"the port of its {Ordinal.Of(split.Count + 1)} host is not a number from 1 to 65535");
                return null;
            }
            var name = hasPort ? text[..colon] : text;
            split.Add(new AddressHost(name is ['[', .. var v6, ']'] ? v6 : name,
                hasPort ? ConnectionAddress.PortOf(text[(colon + 1)..]) : null));
        }
        return split;
    }

    /// <summary>Checks the hosts and sets them; false if there is a problem.</summary>
    public static bool TrySet(NpgsqlConnectionStringBuilder builder, IReadOnlyList<AddressHost> hosts, List<string> problems)
    {
        if (hosts.All(host => host.Name.Length == 0))
            problems.Add($"names no host; {Example}");
        for (var i = 0; i < hosts.Count; i++)
        {
            if (hosts.Any(host => host.Name.Length > 0) && !HostName.IsPossible(hosts[i].Name))
                problems.Add($"its {(hosts.Count == 1 ? "" : $"{Ordinal.Of(i + 1)} ")}{WrongHost}");
        }
        if (problems.Count > 0)
            return false;
        builder.Host = hosts is [var only] ? only.Name : string.Join(',', hosts.Select(Written));
        if (hosts is [{ Port: { } port }])
            builder.Port = port;
        return true;
    }

    private static string Written(AddressHost host)
    {
        var name = host.Name.Contains(':', StringComparison.Ordinal) ? $"[{host.Name}]" : host.Name;
        return host.Port is { } port && !name.StartsWith('/') ? string.Create(CultureInfo.InvariantCulture, $"{name}:{port}") : name;
    }
}
