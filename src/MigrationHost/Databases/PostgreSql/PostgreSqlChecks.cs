using System.Text.RegularExpressions;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What can be known to be wrong with a connection string without a server: the driver would say it late, or with a stack trace.</summary>
internal static partial class PostgreSqlChecks
{
    public static IEnumerable<string> Problems(NpgsqlConnectionStringBuilder builder)
    {
        foreach (var (name, value) in new[] { ("database", builder.Database), ("user name", builder.Username), ("search path", builder.SearchPath) })
        {
            if (value is not null && IsMore(value))
                yield return $"its {name} has '=', ';', '://' or a line break in it, as if the next key had not been separated; separate keys of Host=…;Database=… with ';'";
        }
        foreach (var (key, path) in new[] { ("SSL Certificate", builder.SslCertificate), ("SSL Key", builder.SslKey), ("Root Certificate", builder.RootCertificate), ("Passfile", builder.Passfile) })
        {
            if (path is not null && !File.Exists(path))
                yield return $"the file of {key} does not exist, or may not be reached";
        }
    }

    /// <summary>What the driver refuses when it is to connect: it looks at some settings only together. Null where it takes them.</summary>
    public static string? Refusal(string connectionString)
    {
        try
        {
            using var connection = new NpgsqlConnection(connectionString);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException)
        {
            // Its texts name keys, never values.
            return $"the driver refuses it: {e.Message.Split('(')[0].Trim()}";
        }
    }

    private static bool IsMore(string value) => NextKey().IsMatch(value);

    // It would be shown as a name, with the password behind it.
    [GeneratedRegex(@"[=;\r\n\0]|://|\b(password|passwd|pwd|username|user id|host|server|port|database)\s*:", RegexOptions.IgnoreCase)]
    private static partial Regex NextKey();
}
