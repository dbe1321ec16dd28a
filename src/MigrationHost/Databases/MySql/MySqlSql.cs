using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>The statements that set up our sessions.</summary>
internal static class MySqlSql
{
    /// <summary>Ends a transaction, whatever completion_type says of what comes then.</summary>
    public const string Commit = "COMMIT AND NO CHAIN NO RELEASE";

    /// <inheritdoc cref="Commit"/>
    public const string RollBack = "ROLLBACK AND NO CHAIN NO RELEASE";

    /// <summary>A server may answer with some of the rows only: a history without the rest would be one of fewer migrations.</summary>
    /// <remarks>DEFAULT would be the server's own limit.
    /// <see href="https://mariadb.com/kb/en/server-system-variables/#sql_select_limit"/></remarks>
    public const string AllRows = "SET SESSION sql_select_limit = 18446744073709551615, SESSION sql_big_selects = 1";

    /// <summary>How long a look may wait for a lock: the shortest that the server knows.</summary>
    public static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(1);

    /// <summary>After this long without a word the server ends a session of ours: its client is gone.</summary>
    private const int WaitTimeoutSeconds = 120;

    /// <summary>Both limits of a wait for a lock; the server knows whole seconds only.</summary>
    /// <remarks>
    /// Their defaults are a day (MariaDB) or a year (MySQL) for the one, and 50 seconds for the other.
    /// <see href="https://mariadb.com/kb/en/server-system-variables/#lock_wait_timeout"/>
    /// </remarks>
    public static SqlCommand LockTimeouts(TimeSpan attempt)
    {
        var seconds = Math.Max(1, (long)Math.Ceiling(attempt.TotalSeconds));
        return string.Create(
            CultureInfo.InvariantCulture, $"SET SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}");
    }

    /// <summary>What every session of ours has.</summary>
    public static IEnumerable<SqlCommand> ForOurSessions(MySqlServer server) =>
    [
        "SET NAMES utf8mb4",
        string.Create(CultureInfo.InvariantCulture, $"SET SESSION autocommit = 1, SESSION wait_timeout = {WaitTimeoutSeconds}"),
        "SET SESSION TRANSACTION READ WRITE",
        AllRows,

        // A server may read what is not committed; what is not committed is not applied.
        .. server.ReadsUncommitted ? ["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"] : Array.Empty<SqlCommand>(),
        LockTimeouts(ReadPatience),
        .. server["max_statement_time"] is not null ? ["SET SESSION max_statement_time = 0"] : Array.Empty<SqlCommand>(),
        .. server["max_execution_time"] is not null ? ["SET SESSION max_execution_time = 0"] : Array.Empty<SqlCommand>(),
    ];
}
