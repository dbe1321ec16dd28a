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

    /// <summary>Begins a transaction, also behind a script that wants to write no more.</summary>
    public const string Begin = "START TRANSACTION READ WRITE";

    /// <summary>Leave to change a row of a tool's history that no key leads to.</summary>
    /// <remarks><see href="https://mariadb.com/kb/en/server-system-variables/#sql_safe_updates"/></remarks>
    public const string AnyRow = "SET SESSION sql_safe_updates = 0";

    /// <summary>A server may end a statement early, or answer with some of the rows only: a history without the rest would be one of
    /// fewer migrations.</summary>
    /// <remarks>DEFAULT would be the server's own limit. Which server it is, a proxy in between may hide.
    /// <see href="https://mariadb.com/kb/en/server-system-variables/#sql_select_limit"/>,
    /// <see href="https://mariadb.com/kb/en/comment-syntax/#executable-comment-syntax"/></remarks>
    public const string WholeAnswers = "SET SESSION sql_select_limit = 18446744073709551615, SESSION sql_big_selects = 1"
        + "/*M!100101 , SESSION max_statement_time = 0 */ /*!50708 , SESSION max_execution_time = 0 */";

    /// <summary>How long a look may wait for a lock: the shortest that the server knows.</summary>
    public static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(1);

    /// <summary>After this long without a word the server ends a session of ours: its client is gone.</summary>
    private const int WaitTimeoutSeconds = 120;

    /// <summary>
    /// What our own statements need, also behind a script that has set otherwise: both limits of a wait for a lock, of which the server
    /// knows whole seconds only, and <see cref="AnyRow"/>.
    /// </summary>
    /// <remarks>
    /// The limits' defaults are a day (MariaDB) or a year (MySQL) for the one, and 50 seconds for the other.
    /// <see href="https://mariadb.com/kb/en/server-system-variables/#lock_wait_timeout"/>
    /// </remarks>
    public static SqlCommand ForOurStatements(TimeSpan attempt)
    {
        var seconds = Seconds(attempt);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{AnyRow}, SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}");
    }

    /// <summary>A limit of a wait for a lock as the server knows it.</summary>
    public static long Seconds(TimeSpan attempt) => Math.Max(1, (long)Math.Ceiling(attempt.TotalSeconds));

    /// <summary>What every session of ours has.</summary>
    public static IEnumerable<SqlCommand> ForOurSessions(MySqlServer server) =>
    [
        "SET NAMES utf8mb4",
        string.Create(CultureInfo.InvariantCulture, $"SET SESSION autocommit = 1, SESSION wait_timeout = {WaitTimeoutSeconds}"),
        "SET SESSION TRANSACTION READ WRITE",
        WholeAnswers,

        // A server may read what is not committed; what is not committed is not applied.
        .. server.ReadsUncommitted ? ["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"] : Array.Empty<SqlCommand>(),
        ForOurStatements(ReadPatience),
        .. server["idle_transaction_timeout"] is not null
            ? ["SET SESSION idle_transaction_timeout = 0, SESSION idle_write_transaction_timeout = 0"]
            : Array.Empty<SqlCommand>(),
    ];
}
