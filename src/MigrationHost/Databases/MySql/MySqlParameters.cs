using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// The parameters of addresses: what the driver takes under another name, and what belongs to other clients.
/// </summary>
/// <remarks>
/// Those of Prisma, SQLAlchemy with PyMySQL and mysqlclient, Go's driver, sqlx, mysql2, JDBC (Connector/J, MariaDB), Rails and Django.
/// </remarks>
internal static class MySqlParameters
{
    private const string OfPool = "it is for another client's pool of connections";
    private const string OfClient = "it is for another client";
    private const string OfLimits = "Timeouts limits waits and work";
    private const string OfText = "scripts are UTF-8, and the sessions speak utf8mb4";

    /// <summary>Sets what a value means; false if it has the wrong form.</summary>
    private delegate bool Setter(MySqlConnectionStringBuilder builder, string value);

    private static readonly Dictionary<string, Setter> Taken = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = Ssl,
        ["ssl-mode"] = Ssl,
        ["ssl_mode"] = Ssl,
        ["tls"] = (builder, value) => Ssl(
            builder, value switch { "true" => "verify_identity", "false" => "disabled", "skip-verify" => "required", _ => value }),
        ["ssl"] = (builder, value) => Ssl(builder, value switch { "true" or "1" => "required", "false" or "0" => "disabled", _ => value }),
        ["useSSL"] = (builder, value) => Ssl(builder, value switch { "true" => "required", "false" => "disabled", _ => value }),
        ["requireSSL"] = (builder, value) => Ssl(builder, value switch { "true" => "required", "false" => "preferred", _ => value }),
        ["ssl_ca"] = (builder, value) => Set(() => builder.SslCa = value),
        ["sslca"] = (builder, value) => Set(() => builder.SslCa = value),
        ["ssl-ca"] = (builder, value) => Set(() => builder.SslCa = value),
        ["ssl_cert"] = (builder, value) => Set(() => builder.SslCert = value),
        ["ssl-cert"] = (builder, value) => Set(() => builder.SslCert = value),
        ["ssl_key"] = (builder, value) => Set(() => builder.SslKey = value),
        ["ssl-key"] = (builder, value) => Set(() => builder.SslKey = value),
        ["socket"] = (builder, value) => value[0] == '/' && Set(() => builder.Server = value),
        ["unix_socket"] = (builder, value) => value[0] == '/' && Set(() => builder.Server = value),
        ["user"] = (builder, value) => Set(() => builder.UserID = value),
        ["password"] = (builder, value) => Set(() => builder.Password = value),
        ["allowPublicKeyRetrieval"] = (builder, value) =>
            bool.TryParse(value, out var allow) && Set(() => builder.AllowPublicKeyRetrieval = allow),
        ["allowLoadLocalInfile"] = Files,
        ["local_infile"] = (builder, value) => Files(builder, value switch { "1" => "true", "0" => "false", _ => value }),
    };

    private static readonly Dictionary<string, string> Ignored = new (string Why, string[] Names)[]
    {
        (OfPool, [
            "connection_limit", "pool_timeout", "pool", "pool_size", "max_pool_size", "min_pool_size", "max_connections", "idle_timeout",
            "max_lifetime", "reaping_frequency", "conn_max_age", "checkout_timeout", "connectionLimit", "queueLimit"]),
        (OfClient, [
            "parseTime", "loc", "multiStatements", "allowMultiQueries", "interpolateParams", "clientFoundRows", "columnsWithAlias",
            "allowNativePasswords", "allowCleartextPasswords", "allowOldPasswords", "allowAllFiles", "checkConnLiveness",
            "maxAllowedPacket", "rejectReadOnly", "serverPubKey", "collation", "statement-cache-capacity", "statement_cache_size",
            "sslaccept", "sslidentity", "sslpassword", "serverTimezone", "useUnicode", "rewriteBatchedStatements", "cachePrepStmts",
            "useServerPrepStmts", "zeroDateTimeBehavior", "tinyInt1isBit", "autoReconnect", "verifyServerCertificate", "encoding",
            "reconnect", "strict", "variables", "prepared_statements", "binary_prefix", "use_unicode", "autocommit", "init_command",
            "timezone", "time_zone", "dateStrings", "supportBigNumbers", "bigNumberStrings", "debug", "trace", "schema", "defaultFetchSize",
            "x-migrations-table", "x-no-lock", "x-statement-timeout", "x-tls-ca", "x-tls-cert", "x-tls-key", "x-tls-insecure-skip-verify"]),
        (OfLimits, [
            "connect_timeout", "connectTimeout", "socketTimeout", "socket_timeout", "read_timeout", "readTimeout", "write_timeout",
            "writeTimeout", "timeout", "acquireTimeout"]),
        (OfText, ["charset", "characterEncoding", "connectionCollation", "character_set_results"]),
    }
    .SelectMany(group => group.Names, (group, name) => (name, group.Why))
    .ToDictionary(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Names => Taken.Keys;

    public static bool IsKnown(string name) => Taken.ContainsKey(name) || Ignored.ContainsKey(name);

    /// <summary>Why a parameter is not used; null if it is.</summary>
    public static string? WhyIgnored(string name) => Ignored.GetValueOrDefault(name);

    /// <summary>Sets what a parameter means; false if its value has the wrong form.</summary>
    public static bool TrySet(MySqlConnectionStringBuilder builder, string name, string value)
    {
        try
        {
            return Taken[name](builder, value);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }

    private static bool Ssl(MySqlConnectionStringBuilder builder, string value)
    {
        MySqlSslMode? mode = value.Replace("-", "_", StringComparison.Ordinal).ToLowerInvariant() switch
        {
            "disable" or "disabled" or "none" => MySqlSslMode.Disabled,
            "prefer" or "preferred" => MySqlSslMode.Preferred,
            "require" or "required" or "trust" => MySqlSslMode.Required,
            "verify_ca" => MySqlSslMode.VerifyCA,
            "verify_identity" or "verify_full" => MySqlSslMode.VerifyFull,
            _ => null,
        };
        if (mode is { } known)
            builder.SslMode = known;
        return mode is not null;
    }

    private static bool Files(MySqlConnectionStringBuilder builder, string value) =>
        bool.TryParse(value, out var allow) && Set(() => builder.AllowLoadLocalInfile = allow);

    private static bool Set(Action set)
    {
        set();
        return true;
    }
}
