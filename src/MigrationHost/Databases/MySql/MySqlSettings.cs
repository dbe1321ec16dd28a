using System.Globalization;
using MigrationHost.Platform;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>A checked connection string, and what of it our sessions do otherwise.</summary>
internal sealed class MySqlSettings
{
    public const int DefaultPort = 3306;

    /// <summary>What the program_name of our sessions begins with.</summary>
    public const string Prefix = "migrationhost:";

    private const int ConnectSeconds = 5;
    private const int CancelSeconds = 2;

    /// <summary>What would break a promise, and why it is overridden.</summary>
    private static readonly (string Key, string Why)[] Overridden =
    [
        ("Pooling", "a pooled session would outlive the run and keep its locks"),
        ("Default Command Timeout", "Timeouts:Migration limits the work"),
        (
            "Connection Timeout",
            $"one attempt to connect takes at most {ConnectSeconds} seconds, and Timeouts:DatabaseWait limits all of them"),
        ("Cancellation Timeout", "Timeouts:Grace limits how long a cancelled statement may take to let go"),
        ("Application Name", "it tells other instances who has the turn"),
        ("Auto Enlist", "the migration's own transaction is the only one"),
        ("Character Set", "scripts are UTF-8, and the sessions speak utf8mb4"),
        ("Allow User Variables", "scripts may use variables"),
        ("Interactive Session", "the sessions set wait_timeout"),
    ];

    private MySqlSettings(MySqlConnectionStringBuilder builder, IReadOnlyList<string> notes) => (Configured, Notes) = (builder, notes);

    /// <summary>The program_name of the sessions of this process.</summary>
    public static string ProgramName { get; } = Prefix + (ProcessToken.Own?.ToString() ?? Guid.NewGuid().ToString("N"));

    /// <summary>What was configured, in the driver's own form.</summary>
    public MySqlConnectionStringBuilder Configured { get; }

    /// <summary>What of the connection string is not used, and why.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Host, port and database.</summary>
    public string Target => IsSocket
        ? $"{Configured.Server}/{Configured.Database}"
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Configured.Port}/{Configured.Database}");

    public string Database => Configured.Database;

    /// <summary>Whether a script may send files of this system to the server.</summary>
    public bool AllowsLocalFiles => Configured.AllowLoadLocalInfile;

    private bool IsSocket => Configured.ConnectionProtocol == MySqlConnectionProtocol.UnixSocket;

    private string Host => Configured.Server.Contains(':', StringComparison.Ordinal) ? $"[{Configured.Server}]" : Configured.Server;

    /// <summary>Reads a connection string of any form; null if there are problems.</summary>
    public static MySqlSettings? Read(string connectionString, List<string> problems)
    {
        if (MySqlConnectionString.Read(connectionString, problems) is not var (builder, notes))
            return null;
        var written = builder.Keys.Cast<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new MySqlSettings(
            builder,
            [
                .. from item in Overridden
                   where written.Contains(item.Key)
                   select $"{item.Key} in the connection string is not used: {item.Why}",
                .. notes,
            ]);
    }

    /// <summary>The connection string of a session of ours.</summary>
    public string ConnectionString() => new MySqlConnectionStringBuilder(Configured.ConnectionString)
    {
        Pooling = false,
        ConnectionTimeout = ConnectSeconds,
        DefaultCommandTimeout = 0,
        CancellationTimeout = CancelSeconds,
        Keepalive = 10,
        AutoEnlist = false,
        LoadBalance = MySqlLoadBalance.RoundRobin,
        CharacterSet = "",
        AllowUserVariables = true,
        InteractiveSession = false,
        ApplicationName = ProgramName,
        AllowZeroDateTime = false,
    }.ConnectionString;
}
