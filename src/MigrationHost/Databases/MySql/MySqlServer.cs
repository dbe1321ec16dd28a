using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>What a server says of itself.</summary>
/// <param name="Version">Its version as it reports it.</param>
internal sealed record MySqlServer(string Version)
{
    /// <summary>The variables that a run needs to know.</summary>
    public static readonly SqlCommand Question = new(
        "SHOW VARIABLES WHERE Variable_name IN ('server_uid', 'server_uuid', 'server_id', 'hostname', 'port', 'sql_mode', 'autocommit', "
            + "'transaction_isolation', 'tx_isolation', 'super_read_only', 'max_allowed_packet', 'lock_wait_timeout', "
            + "'idle_transaction_timeout', 'performance_schema', 'wsrep_on', 'read_only', "
            + "'lower_case_table_names', 'collation_database', "
            + "'character_set_database', 'default_storage_engine', 'binlog_format', 'log_bin')");

    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromSeconds(3);

    private IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>When it was started by its own clock, within a second or two. Asked before a script may set the session's time.</summary>
    public DateTime Started { get; init; }

    /// <summary>The version as a number.</summary>
    public Version Number =>
        System.Version.TryParse(Plain.Split('-')[0], out var number) ? number : new(0, 0);

    public bool IsMariaDb => Version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    /// <summary>Which server it is: another one behind the same name has another id.</summary>
    public string Id => this["server_uid"] ?? this["server_uuid"] ?? $"{this["hostname"]}:{this["port"]}:{this["server_id"]}";

    /// <summary>Whether it is the same server, and has not started again: a connection id is unique until then.</summary>
    public bool IsSameRun(MySqlServer other) => Id == other.Id && (Started - other.Started).Duration() < ClocksDiffer;

    public bool HasPerformanceSchema => this["performance_schema"] is "ON" or "1";

    public bool IsReadOnly => this["read_only"] is "ON" or "1";

    /// <summary>Whether its sessions see what others have not committed.</summary>
    public bool ReadsUncommitted => (this["transaction_isolation"] ?? this["tx_isolation"]) is "READ-UNCOMMITTED";

    /// <summary>The longest statement that it takes, in bytes; null if it does not say.</summary>
    public long? LongestStatement =>
        long.TryParse(this["max_allowed_packet"], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;

    public bool IsGalera => this["wsrep_on"] is "ON" or "1";

    public bool HasBackslashEscapes => this["sql_mode"]?.Contains("NO_BACKSLASH_ESCAPES", StringComparison.OrdinalIgnoreCase) != true;

    /// <summary>A database's name as the server has it: some keep it in lower case, whatever the connection string says.</summary>
    /// <remarks><see href="https://mariadb.com/kb/en/identifier-case-sensitivity/"/></remarks>
    public string NameOf(string database) => this["lower_case_table_names"] is "1" ? database.ToLowerInvariant() : database;

    /// <summary>A variable; null if the server does not have it.</summary>
    public string? this[string variable] => Variables.GetValueOrDefault(variable);

    /// <summary>The version without what MariaDB puts in front for clients that know no version above 5.</summary>
    public string Plain => Version.StartsWith("5.5.5-", StringComparison.Ordinal) ? Version[6..] : Version;

    public MySqlServer With(IEnumerable<(string Name, string Value)> variables) =>
        this with { Variables = variables.ToDictionary(one => one.Name, one => one.Value, StringComparer.OrdinalIgnoreCase) };
}
