using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>What <c>doctor</c> asks a server that answers.</summary>
internal sealed class MySqlServerChecks(MySqlDatabase database, MySqlLink link)
{
    private const int MostNames = 5;
    private static readonly TimeSpan LongestSkew = TimeSpan.FromSeconds(5);

    private MySqlServer Server => link.Server;

    public IEnumerable<(string Name, Func<CancellationToken, Task<DoctorCheck>> Ask)> All() =>
    [
        ("privileges", PrivilegesAsync),
        ("lock waits", _ => Task.FromResult(LockWaits())),
        ("autocommit", _ => Task.FromResult(Autocommit())),
        ("engines", EnginesAsync),
        ("sql_mode", _ => Task.FromResult(SqlMode())),
        ("character set", _ => Task.FromResult(CharacterSet())),
        ("binary log", _ => Task.FromResult(BinaryLog())),
        ("cluster", _ => Task.FromResult(Cluster())),
        ("server clock", ClockAsync),
    ];

    private async Task<DoctorCheck> PrivilegesAsync(CancellationToken cancellationToken)
    {
        var lines = await link.QueryAsync("SHOW GRANTS", row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        var (grants, remedy) = (new MySqlGrants(lines, database.Schema),
            $"GRANT ALL ON {MySqlName.Quoted(database.Schema)}.* TO the account of the connection string.");
        return (grants.Missing(MySqlGrants.OfEveryRun), grants.Missing(MySqlGrants.OfMigrations)) switch
        {
            ([], []) => DoctorCheck.Ok("privileges", "those that migrations need on this database"),
            ([], var some) => DoctorCheck.Warning("privileges", $"{Lacks(some)}: a migration that needs one of them fails", remedy),
            (var some, _) when grants.HasRoles => DoctorCheck.Warning("privileges", $"{Lacks(some)}, unless a role grants it", remedy),
            var (some, _) => DoctorCheck.Problem("privileges", $"{Lacks(some)}: the history cannot be kept", remedy),
        };

        static string Lacks(IReadOnlyList<string> rights) => $"the account does not have {string.Join(", ", rights)} on this database";
    }

    private DoctorCheck LockWaits()
    {
        var seconds = long.Parse(Server["lock_wait_timeout"] ?? "0", CultureInfo.InvariantCulture);
        return DoctorCheck.Ok(
            "lock waits",
            $"the server's lock_wait_timeout is {Duration.Say(TimeSpan.FromSeconds(seconds))}; the sessions of a run wait for LockAttempt");
    }

    private DoctorCheck Autocommit() => Server["autocommit"] is "OFF" or "0"
        ? DoctorCheck.Warning(
            "autocommit",
            "is off on this server: a session that has only read keeps its transaction open, and every ALTER of that table waits for it",
            "SET GLOBAL autocommit = ON. The sessions of a run set it themselves.")
        : DoctorCheck.Ok("autocommit", "on");

    private async Task<DoctorCheck> EnginesAsync(CancellationToken cancellationToken)
    {
        var others = await link.QueryAsync(
            new SqlCommand(
                "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = $1 AND table_type = 'BASE TABLE' "
                    + "AND engine <> 'InnoDB' ORDER BY table_name",
                database.Schema),
            row => $"{row.GetString(0)} ({row.GetString(1)})",
            cancellationToken).ConfigureAwait(false);
        if (others.Count > 0)
        {
            var names = string.Join(", ", others.Take(MostNames)) + (others.Count > MostNames ? ", …" : "");
            return DoctorCheck.Warning(
                "engines",
                $"{(others.Count == 1 ? "1 table has" : $"{others.Count} tables have")} no transactions: {names}; "
                    + "what a failed migration has written to them stays",
                "ALTER TABLE … ENGINE=InnoDB, unless the table needs that engine.");
        }
        return Server["default_storage_engine"] is "InnoDB" or null
            ? DoctorCheck.Ok("engines", "all tables are InnoDB")
            : DoctorCheck.Warning(
                "engines",
                $"default_storage_engine is {Server["default_storage_engine"]}: tables without ENGINE= have no transactions",
                "Set default_storage_engine = InnoDB on the server, or write ENGINE=InnoDB in migrations.");
    }

    private DoctorCheck SqlMode() => Server["sql_mode"] is { } mode && mode.Contains("STRICT", StringComparison.OrdinalIgnoreCase)
        ? DoctorCheck.Ok("sql_mode", mode)
        : DoctorCheck.Warning(
            "sql_mode",
            "is not strict: a value that does not fit is cut off with a warning instead of an error",
            "Set sql_mode to contain STRICT_TRANS_TABLES.");

    private DoctorCheck CharacterSet() => Server["character_set_database"] is "utf8mb4"
        ? DoctorCheck.Ok("character set", $"utf8mb4, {Server["collation_database"]}")
        : DoctorCheck.Warning(
            "character set",
            $"the database's is {Server["character_set_database"]}: a table without CHARACTER SET cannot hold every character",
            $"ALTER DATABASE {MySqlName.Quoted(database.Schema)} CHARACTER SET utf8mb4, which changes new tables only.");

    private DoctorCheck BinaryLog() => Server["log_bin"] is "ON" && Server["binlog_format"] is "STATEMENT"
        ? DoctorCheck.Warning(
            "binary log",
            "binlog_format is STATEMENT: a statement whose rows depend on their order can change other rows on a replica",
            "Set binlog_format = MIXED or ROW.")
        : DoctorCheck.Ok("binary log", Server["log_bin"] is "ON" ? $"binlog_format is {Server["binlog_format"]}" : "off");

    private DoctorCheck Cluster() => Server.IsGalera
        ? DoctorCheck.Warning(
            "cluster",
            "Galera: GET_LOCK, by which instances take turns, is known to one node only",
            "Point the migrations of all replicas at the same node.")
        : Server.IsReadOnly
            ? DoctorCheck.Problem("cluster", "the server is read only, as a replica is", "Point the connection string at the primary.")
            : DoctorCheck.Ok("cluster", "takes writes");

    private async Task<DoctorCheck> ClockAsync(CancellationToken cancellationToken)
    {
        var now = await link.ScalarAsync("SELECT UTC_TIMESTAMP(6)", cancellationToken).ConfigureAwait(false);
        var skew = MySqlDialect.Instance.ToTime(now) is { } theirs ? (theirs - database.Time.GetUtcNow()).Duration() : TimeSpan.Zero;
        return skew < LongestSkew
            ? DoctorCheck.Ok("server clock", "agrees with this host's")
            : DoctorCheck.Warning(
                "server clock",
                $"the server's and this host's differ by {Duration.Say(skew)}",
                "Set both by NTP: times in the history are this host's.");
    }
}
