using System.Globalization;
using System.Net;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A checked connection string, and what of it our sessions do otherwise.</summary>
internal sealed class PostgreSqlSettings
{
    private const int ConnectSeconds = 5;

    /// <summary>What would break a promise, and why it is overridden.</summary>
    private static readonly (string Key, string Why)[] Overridden =
    [
        ("Pooling", "a pooled session would outlive the run and keep its locks"),
        ("Multiplexing", "a session's lock needs a connection of its own"),
        ("Command Timeout", "Timeouts:Migration limits the work"),
        ("Timeout", $"one attempt to connect takes at most {ConnectSeconds} seconds, and Timeouts:DatabaseWait limits all of them"),
        ("Cancellation Timeout", "Timeouts:Grace limits how long a cancelled statement may take to let go"),
        ("Keepalive", "the sessions set TCP keepalive"),
        ("Application Name", "other instances read from it who has the turn"),
        ("Enlist", "the migration's own transaction is the only one"),
        ("Client Encoding", PostgreSqlEncoding.Why),
        ("Encoding", PostgreSqlEncoding.Why),
    ];

    private readonly NpgsqlConnectionStringBuilder _builder;

    private PostgreSqlSettings(NpgsqlConnectionStringBuilder builder, IReadOnlyList<string> notes)
    {
        _builder = builder;
        Notes = notes;
        Session = new SessionSettings(builder, Environment.GetEnvironmentVariable);
    }

    /// <summary>What is asked of every session.</summary>
    public SessionSettings Session { get; }

    /// <summary>Host, port and database.</summary>
    public string Target => Database is { } database ? $"{Host}/{database}" : Host;

    /// <summary>The database, which is named as the user if it is not written; null if neither is known.</summary>
    public string? Database => new[] { _builder.Database, User, Environment.GetEnvironmentVariable("PGUSER") }
        .FirstOrDefault(name => !string.IsNullOrEmpty(name));

    /// <summary>What was configured, in the driver's own form.</summary>
    public NpgsqlConnectionStringBuilder Configured => _builder;

    /// <summary>What of the connection string is not used, and why.</summary>
    public IReadOnlyList<string> Notes { get; }

    public string? User => _builder.Username;

    private string Host => _builder.Host! switch
    {
        var socket when IsSocket(socket) => socket,
        var address when IPAddress.TryParse(address, out _) && address.Contains(':', StringComparison.Ordinal) =>
            string.Create(CultureInfo.InvariantCulture, $"[{address}]:{_builder.Port}"),
        var withPort when withPort.Contains(':', StringComparison.Ordinal) => withPort,
        var name => string.Create(CultureInfo.InvariantCulture, $"{name}:{_builder.Port}"),
    };

    /// <summary>Reads a connection string of any form; null if there are problems.</summary>
    public static PostgreSqlSettings? Read(string connectionString, List<string> problems)
    {
        if (PostgreSqlConnectionString.Read(connectionString, problems) is not var (builder, notes))
            return null;

        // A builder says of every key that it contains it; what was written is in Keys.
        var written = builder.Keys.Cast<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var settings = new PostgreSqlSettings(
            builder,
            [
                .. from item in Overridden
                   where written.Contains(item.Key) && !IsUtf8(builder, item.Key)
                   select $"{item.Key} in the connection string is not used: {item.Why}",
                .. notes,
                .. Environment.GetEnvironmentVariable("PGCLIENTENCODING") is { Length: > 0 } encoding
                    && !PostgreSqlEncoding.IsUtf8(encoding)
                    ? new[] { $"the environment variable PGCLIENTENCODING is not used: {PostgreSqlEncoding.Why}" }
                    : [],
            ]);
        if (PostgreSqlChecks.Refusal(settings.ConnectionString("")) is not { } refusal)
            return settings;
        problems.Add(refusal);
        return null;
    }

    private static bool IsUtf8(NpgsqlConnectionStringBuilder builder, string key) =>
        key.EndsWith("Encoding", StringComparison.Ordinal) && PostgreSqlEncoding.IsUtf8($"{builder[key]}");

    /// <summary>The connection string of a session of ours.</summary>
    /// <param name="applicationName">What the server shows of it.</param>
    /// <param name="server">The server that another session of the run is on; null if it is the first.</param>
    public string ConnectionString(string applicationName, (string Host, int Port)? server = null)
    {
        var builder = new NpgsqlConnectionStringBuilder(_builder.ConnectionString)
        {
            Pooling = false,
            Timeout = ConnectSeconds,
            CommandTimeout = 0,
            CancellationTimeout = 2000,
            KeepAlive = 0,
            Enlist = false,
            ClientEncoding = PostgreSqlEncoding.Utf8,

            // An error then says which statement of a batch was refused, and the server's detail, of which values are left out here.
            IncludeFailedBatchedCommand = true,
            IncludeErrorDetail = true,
            ApplicationName = applicationName,
        };
        builder.Remove("Multiplexing");
        builder.Remove("Encoding");
        SetKeepAlive(builder, on: !builder.Host!.Split(',').Any(IsSocket));
        if (server is { } same)
            (builder.Host, builder.Port) = (same.Host, same.Port);
        else if (builder.Host!.Contains(',', StringComparison.Ordinal))
            builder.TargetSessionAttributes ??= "primary";
        return builder.ConnectionString;
    }

    // The system refuses TCP's options on a Unix socket, and there no network can be cut.
    private static void SetKeepAlive(NpgsqlConnectionStringBuilder builder, bool on) =>
        (builder.TcpKeepAlive, builder.TcpKeepAliveTime, builder.TcpKeepAliveInterval) = on ? (true, 10, 5) : (false, 0, 0);

    // A folder, or a name of Linux's abstract sockets.
    private static bool IsSocket(string host) => host.TrimStart() is ['/' or '@', ..];
}
