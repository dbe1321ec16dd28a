using MigrationHost.Databases.Connections;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// Reads a connection string of any form into the driver's own: an address, libpq's keywords, or the driver's keys.
/// What is not understood is named by its position.
/// </summary>
internal static class PostgreSqlConnectionString
{
    /// <returns>The driver's connection string and what of the given one is not used; null if there are problems.</returns>
    public static (NpgsqlConnectionStringBuilder Builder, IReadOnlyList<string> Notes)? Read(string text, List<string> problems)
    {
        var (builder, found, notes) = (new NpgsqlConnectionStringBuilder(), new List<string>(), new List<string>());
        if (ConnectionAddress.SchemeOf(text) is not null)
            ReadAddress(text, builder, found, notes);
        else if (PostgreSqlKeywords.AreIn(text))
            ReadKeywords(text, builder, found, notes);
        else
            ReadDriver(text, builder, found);
        if (found.Count == 0)
            TakeRequiredAuth(builder, found);
        if (found.Count == 0)
            found.AddRange(PostgreSqlChecks.Problems(builder));
        problems.AddRange(found);
        return found.Count == 0 ? (builder, notes) : null;
    }

    private static void ReadAddress(string text, NpgsqlConnectionStringBuilder builder, List<string> problems, List<string> notes)
    {
        if (ConnectionAddress.Read(text, problems) is not { } address)
            return;
        builder.Username = address.User;
        builder.Password = address.Password;
        builder.Database = address.Path.Length == 0 ? null : address.Path;
        var places = Apply(builder, address.Parameters, "parameter", problems, notes);
        var hosts = places.TryGetValue("host", out var host) ? PostgreSqlPlace.Pair(host, places.GetValueOrDefault("port"), problems)
            : address.Hosts.Count > 0 ? address.Hosts
            : [new AddressHost("", null)];
        if (hosts is not null && problems.Count == 0)
            PostgreSqlPlace.TrySet(builder, hosts, problems);
    }

    private static void ReadKeywords(string text, NpgsqlConnectionStringBuilder builder, List<string> problems, List<string> notes)
    {
        if (KeywordPairs.Read(text, problems) is not { } pairs)
            return;
        var places = Apply(builder, pairs, "keyword", problems, notes);
        var hosts = PostgreSqlPlace.Pair(places.GetValueOrDefault("host") ?? places.GetValueOrDefault("hostaddr") ?? "",
            places.GetValueOrDefault("port"), problems);
        if (hosts is not null && problems.Count == 0)
            PostgreSqlPlace.TrySet(builder, hosts, problems);
    }

    /// <summary>Sets what is known.</summary>
    /// <returns>What says where to connect.</returns>
    private static Dictionary<string, string> Apply(
        NpgsqlConnectionStringBuilder builder, IReadOnlyList<ConnectionPair> pairs, string kind, List<string> problems, List<string> notes)
    {
        var places = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < pairs.Count; i++)
        {
            var (name, value, _) = pairs[i];
            if (!PostgreSqlParameters.IsKnown(name))
                problems.Add($"its {Ordinal.Of(i + 1)} {kind} is not known{NearestName.IfNear(name, PostgreSqlParameters.Names)}");
            else if (PostgreSqlParameters.WhyRefused(name) is { } refusal)
                problems.Add($"its {Ordinal.Of(i + 1)} {kind} {name} {refusal}");
            else if (PostgreSqlParameters.WhyIgnored(name) is { } why)
                notes.Add($"{name} in the connection string is not used: {why}");
            else if (PostgreSqlParameters.IsPlace(name))
                places[name] = value;
            else if (value.Length > 0 && !PostgreSqlParameters.TrySet(builder, name, value))
                problems.Add($"the value of its {kind} {name} has the wrong form");
        }
        builder.Username = places.GetValueOrDefault("user") ?? builder.Username;
        builder.Password = places.GetValueOrDefault("password") ?? builder.Password;
        builder.Database = places.GetValueOrDefault("dbname") ?? builder.Database;
        return places;
    }

    // The driver reads the variable only when it connects, and does not know how libpq writes the methods.
    private static void TakeRequiredAuth(NpgsqlConnectionStringBuilder builder, List<string> problems)
    {
        const string variable = "PGREQUIREAUTH";
        if (string.IsNullOrEmpty(builder.RequireAuth) && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } methods
            && !PostgreSqlParameters.TrySet(builder, "require_auth", methods))
            problems.Add($"the environment variable {variable} has the wrong form; write for example scram-sha-256 or md5,scram-sha-256");
    }

    private static void ReadDriver(string text, NpgsqlConnectionStringBuilder builder, List<string> problems)
    {
        if (DriverPairs.Read(text, problems) is not { } pairs)
            return;
        for (var i = 0; i < pairs.Count; i++)
        {
            var (key, value, _) = pairs[i];
            if (!builder.ContainsKey(key))
                problems.Add(DriverPairs.Unknown(pairs, i, NearestName.IfNear(key, KnownKeys())));
            else if (value.Length > 0 && !TrySet(builder, key, value))
                problems.Add($"the value of {key} has the wrong form");
        }
        if (problems.Count == 0 && PostgreSqlPlace.Split(builder.Host, problems) is { } hosts)
            PostgreSqlPlace.TrySet(builder, hosts, problems);
    }

    private static bool TrySet(NpgsqlConnectionStringBuilder builder, string key, string value)
    {
        try
        {
            builder[key] = value;
            return true;
        }
        catch (Exception e) when (
            e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            return false;
        }
    }

    private static IEnumerable<string> KnownKeys() =>
        System.ComponentModel.TypeDescriptor.GetProperties(typeof(NpgsqlConnectionStringBuilder))
            .Cast<System.ComponentModel.PropertyDescriptor>()
            .Where(property =>
                property.IsBrowsable && !property.IsReadOnly && property.Name != nameof(NpgsqlConnectionStringBuilder.ConnectionString))
            .Select(property => property.DisplayName);
}
