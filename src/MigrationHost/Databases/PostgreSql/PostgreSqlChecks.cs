using System.Text.RegularExpressions;
using MigrationHost.Databases.Connections;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// What can be known to be wrong with a connection string without a server: the driver would say it late, or with a stack trace.
/// </summary>
internal static partial class PostgreSqlChecks
{
    public static IEnumerable<string> Problems(NpgsqlConnectionStringBuilder builder)
    {
        foreach (var (name, value) in Names(builder))
        {
            if (value is not null && IsMore(value))
                yield return $"its {name} has '=', ';', '://' or a line break in it: separate keys with ';', as in Host=…;Database=…";
        }
        var missing = CertificateFiles.Missing(Files(builder));
        foreach (var problem in missing)
            yield return problem;
        if (missing.Count == 0 && ClientCertificate.Problem(builder) is { } unusable)
            yield return unusable;
    }

    /// <summary>What the driver refuses when it connects: it checks some settings only together. Null if it takes them.</summary>
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

    private static (string Name, string? Value)[] Names(NpgsqlConnectionStringBuilder builder) =>
        [("database", builder.Database), ("user name", builder.Username), ("search path", builder.SearchPath)];

    private static (string Key, string? Path)[] Files(NpgsqlConnectionStringBuilder builder) =>
    [
        OrVariable("SSL Certificate", builder.SslCertificate, "PGSSLCERT"), OrVariable("SSL Key", builder.SslKey, "PGSSLKEY"),
        OrVariable("Root Certificate", builder.RootCertificate, "PGSSLROOTCERT"), ("Passfile", builder.Passfile),
    ];

    // The driver takes it from there if the connection string does not say it.
    private static (string Key, string? Path) OrVariable(string key, string? path, string variable) =>
        string.IsNullOrEmpty(path) ? ($"the environment variable {variable}", Environment.GetEnvironmentVariable(variable)) : (key, path);

    private static bool IsMore(string value) => NextKey().IsMatch(value);

    // It would be shown as a name, with the password behind it.
    [GeneratedRegex(@"[=;\r\n\0]|://|\b(password|passwd|pwd|username|user id|host|server|port|database)\s*:", RegexOptions.IgnoreCase)]
    private static partial Regex NextKey();
}
