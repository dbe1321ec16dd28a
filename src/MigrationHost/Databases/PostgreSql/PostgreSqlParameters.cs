using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// The parameters of addresses and of libpq's form: what the driver takes under another name, and what belongs to other clients.
/// </summary>
/// <remarks>
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"/>; the others are those of Prisma,
/// SQLAlchemy, sqlx, node-postgres, pgx, lib/pq, JDBC, Rails and golang-migrate.
/// </remarks>
internal static class PostgreSqlParameters
{
    private const string OfPool = "it is for another client's pool of connections";
    private const string OfClient = "it is for another client";
    private const string OfConnect = "Timeouts:DatabaseWait limits how long the database is waited for";
    private const string OfLimits = "Timeouts limits waits and work";
    private const string OfKeepAlive = "the sessions set TCP keepalive";
    private const string OfName = "other instances read from it who has the turn";
    private const string OfDriver = "the driver has no such setting";

    /// <summary>Sets what a value means; false if it has the wrong form.</summary>
    private delegate bool Setter(NpgsqlConnectionStringBuilder builder, string value);

    /// <summary>libpq's file of services, which says where to connect: without it the rest of the string may mean another server.</summary>
    private static readonly string[] Services = ["service", "servicefile"];

    private static readonly string[] AuthMethods = ["Password", "MD5", "GSS", "SSPI", "ScramSHA256", "None"];

    private static readonly string[] Places = ["host", "hostaddr", "port", "dbname", "user", "password"];

    private static readonly Dictionary<string, Setter> Taken = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = (builder, value) => Ssl(builder, value),
        ["ssl"] = (builder, value) =>
            Ssl(builder, value.ToLowerInvariant() switch { "true" or "1" => "verify-full", "false" or "0" => "disable", _ => value }),
        ["sslnegotiation"] = (builder, value) => Enumerated<SslNegotiation>(value, chosen => builder.SslNegotiation = chosen),
        ["sslrootcert"] = (builder, value) => value == "system" || Set(() => builder.RootCertificate = value),
        ["sslcert"] = (builder, value) => Set(() => builder.SslCertificate = value),
        ["sslkey"] = (builder, value) => Set(() => builder.SslKey = value),
        ["sslpassword"] = (builder, value) => Set(() => builder.SslPassword = value),
        ["gssencmode"] = (builder, value) => Enumerated<GssEncryptionMode>(value, chosen => builder.GssEncryptionMode = chosen),
        ["krbsrvname"] = (builder, value) => Set(() => builder.KerberosServiceName = value),
        ["channel_binding"] = (builder, value) => Enumerated<ChannelBinding>(value, chosen => builder.ChannelBinding = chosen),
        ["require_auth"] = (builder, value) => Set(() => builder.RequireAuth = AuthOf(value)),
        ["passfile"] = (builder, value) => Set(() => builder.Passfile = value),
        ["target_session_attrs"] = (builder, value) => Set(() => builder.TargetSessionAttributes = value),
        ["targetServerType"] = (builder, value) => Set(() => builder.TargetSessionAttributes = value switch
        {
            "preferPrimary" => "prefer-primary",
            "preferSecondary" => "prefer-standby",
            "secondary" => "standby",
            _ => value,
        }),
        ["load_balance_hosts"] = (builder, value) =>
            value is "disable" or "random" && Set(() => builder.LoadBalanceHosts = value == "random"),
        ["client_encoding"] = (builder, value) => value == "auto" || Set(() => builder.ClientEncoding = value),
        ["timezone"] = (builder, value) => Set(() => builder.Timezone = value),
        ["schema"] = (builder, value) => Set(() => builder.SearchPath = PostgreSqlOptions.Quoted(value)),
        ["search_path"] = (builder, value) => Set(() => builder.SearchPath = value),
        ["currentSchema"] = (builder, value) => Set(() => builder.SearchPath = value),
        ["options"] = (builder, value) => PostgreSqlOptions.Apply(builder, value),
    };

    private static readonly (string Why, string[] Names)[] OfOthers =
    [
        (OfPool, [
            "connection_limit", "pool_timeout", "pgbouncer", "pool", "pool_size", "pool_max_conns", "pool_min_conns",
            "pool_max_conn_lifetime", "pool_max_conn_idle_time",
            "pool_health_check_period", "pool_max_conn_lifetime_jitter", "max_pool_size", "min_pool_size", "max_connections",
            "idle_timeout", "max_lifetime", "reaping_frequency",
            "conn_max_age", "conn_health_checks", "checkout_timeout", "supa", "max", "min"]),
        (OfClient, [
            "statement_cache_size", "statement-cache-capacity", "statement_cache_capacity", "description_cache_capacity",
            "default_query_exec_mode", "binary_parameters",
            "prepared_statements", "prepared_statement_cache_size", "prepare_threshold", "prepareThreshold",
            "preparedStatementCacheQueries", "reWriteBatchedInserts", "stringtype",
            "defaultRowFetchSize", "encoding", "variables", "async_fallback", "uselibpqcompat", "sslaccept", "sslidentity", "workaround",
            "logging", "schemas", "disable_prepared_binary_result",
            "x-migrations-table", "x-migrations-table-quoted", "x-multi-statement", "x-multi-statement-max-size", "x-statement-timeout",
            "x-lock-timeout", "x-lock-strategy", "x-lock-table"]),
        (OfConnect, ["connect_timeout", "connectTimeout", "loginTimeout", "timeout", "tcp_user_timeout", "socket_timeout", "socketTimeout",
            "command_timeout"]),
        (OfLimits, ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout",
            "transaction_timeout"]),
        (OfKeepAlive, ["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcpKeepAlive", "keep_alive"]),
        (OfName, ["application_name", "fallback_application_name", "ApplicationName"]),
        (OfDriver, ["sslcompression", "sslcertmode", "sslcrl", "sslcrldir", "sslsni", "ssl_min_protocol_version",
            "ssl_max_protocol_version", "min_protocol_version", "max_protocol_version", "gsslib", "gssdelegation", "requirepeer"]),
    ];

    private static readonly Dictionary<string, string> Ignored = OfOthers
        .SelectMany(group => group.Names, (group, name) => (name, group.Why))
        .ToDictionary(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Names => Places.Concat(Taken.Keys);

    public static bool IsKnown(string name) =>
        IsPlace(name) || Taken.ContainsKey(name) || Ignored.ContainsKey(name) || WhyRefused(name) is not null;

    /// <summary>Whether it says where to connect, or as whom.</summary>
    public static bool IsPlace(string name) => Places.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a parameter cannot be taken; null if it can.</summary>
    public static string? WhyRefused(string name) => Services.Contains(name, StringComparer.OrdinalIgnoreCase)
        ? "is for a service file, which the driver does not read: write host, port, dbname and user; a passfile may have the password"
        : null;

    /// <summary>Why a parameter is not used; null if it is.</summary>
    public static string? WhyIgnored(string name) => Ignored.GetValueOrDefault(name);

    /// <summary>Sets what a parameter means; false if its value has the wrong form.</summary>
    public static bool TrySet(NpgsqlConnectionStringBuilder builder, string name, string value)
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

    // What node-postgres calls no-verify is what the driver does under Require.
    private static bool Ssl(NpgsqlConnectionStringBuilder builder, string value) =>
        Enumerated<SslMode>(
            value.Equals("no-verify", StringComparison.OrdinalIgnoreCase) ? "require" : value,
            chosen => builder.SslMode = chosen);

    // verify-full is VerifyFull; a number would be a value too.
    private static bool Enumerated<T>(string value, Action<T> set) where T : struct, Enum
    {
        var name = Enum.GetNames<T>()
            .FirstOrDefault(name => name.Equals(value.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
        if (name is null)
            return false;
        set(Enum.Parse<T>(name));
        return true;
    }

    // The driver takes no other case than its own, and writes the last of libpq's names otherwise.
    private static string AuthOf(string methods) => string.Join(
        ',',
        from method in methods.Split(',', StringSplitOptions.TrimEntries)
        let name = method.TrimStart('!')
        select method[..^name.Length] + (Array.Find(AuthMethods, own => own.Equals(
            name.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) ?? name));

    private static bool Set(Action set)
    {
        set();
        return true;
    }
}
