using MigrationHost.Databases.Connections;

namespace MigrationHost.Masking;

/// <summary>What is secret in a connection string of any form, and what of it is shown as a name.</summary>
internal static class ConnectionSecrets
{
    private static readonly string[] Names =
        ["host", "server", "database", "db", "dbname", "username", "user name", "user id", "userid", "uid", "user", "data source",
        "datasource"];

    /// <summary>The secrets, decoded and as written; also of a text that is not a connection string, or a wrong one.</summary>
    public static IEnumerable<string> Of(string text) =>
        SecretText.In(text)
            .Concat(Pairs(text).Where(pair => SecretText.IsPassword(pair.Key)).SelectMany(pair => new[] { pair.Value, pair.Written }));

    /// <summary>What of it messages name: host, database, user.</summary>
    public static IEnumerable<string> PublicNames(string text) =>
        ConnectionAddress.Read(text, []) is { } address
            ? [address.User ?? "", address.Path, .. address.Hosts.Select(host => host.Name)]
            : Pairs(text).Where(pair => Names.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)).Select(pair => pair.Value);

    private static IEnumerable<ConnectionPair> Pairs(string text) =>
        ConnectionAddress.SchemeOf(text) is not null ? ConnectionAddress.Read(text, [])?.Parameters ?? []
        : [.. DriverPairs.Read(text, []) ?? [], .. KeywordPairs.Read(text, []) ?? []];
}
