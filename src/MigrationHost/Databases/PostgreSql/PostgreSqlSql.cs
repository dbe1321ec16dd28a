using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The settings that our sessions make, as SQL.</summary>
internal static class PostgreSqlSql
{
    /// <summary>The first version that has client_connection_check_interval, and idle_session_timeout.</summary>
    public static readonly Version ConnectionCheck = new(14, 0);

    private static readonly Version TransactionTimeout = new(17, 0);

    /// <summary>
    /// A dead client's backend must not live on with its locks: the server itself finds out, on idle and on busy sessions, over a dead
    /// network too. No setting of the role may cut the work short.
    /// </summary>
    public static SqlCommand[] ForOurSessions(Version server) =>
    [
        "SET idle_in_transaction_session_timeout = '60s'",
        "SET statement_timeout = 0",
        "SET default_transaction_read_only = off",
        "SET tcp_keepalives_idle = 10",
        "SET tcp_keepalives_interval = 5",
        "SET tcp_keepalives_count = 3",
        .. server >= ConnectionCheck
            ? ["SET client_connection_check_interval = '2s'", "SET idle_session_timeout = 0"]
            : Array.Empty<string>(),
        .. server >= TransactionTimeout ? ["SET transaction_timeout = 0"] : Array.Empty<string>(),
        "SET client_min_messages = notice",
        $"SET application_name = {PostgreSqlName.Literal(ApplicationName.Own)}",
    ];

    /// <summary>The same for the connection at the side of the work, which only asks: never for long, and again and again.</summary>
    public static SqlCommand[] ForTheSide(Version server) =>
        [.. ForOurSessions(server), LongestLockForAQuestion, "SET plan_cache_mode = force_generic_plan"];

    /// <summary>What only asks who holds a lock must not wait for one.</summary>
    public const string LongestLockForAQuestion = "SET lock_timeout = '200ms'";

    /// <summary>
    /// What a script may have left in its session goes: everything that DISCARD ALL would, except the advisory lock of the turn.
    /// </summary>
    public static SqlCommand[] ForgetTheScript(Version server, SessionSettings asked) =>
    [
        "SET SESSION AUTHORIZATION DEFAULT",
        "RESET ROLE",
        "RESET ALL",
        "DEALLOCATE ALL",
        "CLOSE ALL",
        "UNLISTEN *",
        "DISCARD PLANS",
        "DISCARD TEMP",
        "DISCARD SEQUENCES",
        .. ForOurSessions(server),
        asked.All,
    ];

    /// <summary>Whether another session has a lock with which a schema is changed or an index is built. A vacuum of the server's own does
    /// neither.</summary>
    public const string OthersChangeTheSchema =
        """
        SELECT EXISTS (
          SELECT 1 FROM pg_locks AS held JOIN pg_stat_activity AS session USING (pid)
          WHERE pid <> pg_backend_pid() AND granted AND locktype = 'relation'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            AND backend_type IS DISTINCT FROM 'autovacuum worker')
        """;

    public const string NoLockTimeout = "SET LOCAL lock_timeout = 0";

    /// <summary>For the rest of the transaction; zero for no limit.</summary>
    public static string LockTimeout(TimeSpan attempt) => $"SET LOCAL lock_timeout = {Milliseconds(attempt)}";

    /// <summary>For the session; zero for no limit.</summary>
    public static string SessionLockTimeout(TimeSpan attempt) => $"SET lock_timeout = {Milliseconds(attempt)}";

    /// <summary>For the rest of the transaction: keeps a tool from beginning that has a row in a table while it works. Refused, as if it
    /// held a lock, while it works.</summary>
    /// <param name="table">The table's quoted name; it may not exist.</param>
    /// <param name="counts">The condition of a row that says that it works.</param>
    /// <param name="tool">The tool.</param>
    public static string LockToolOut(string table, string counts, string tool)
    {
        var atWork = PostgreSqlName.Literal($"{tool} is at work: it has a row in {table}");
        var block =
            $"""
            BEGIN
                IF to_regclass({PostgreSqlName.Literal(table)}) IS NULL THEN
                    RETURN;
                END IF;
                LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE;
                IF EXISTS (SELECT FROM {table} WHERE {counts}) THEN
                    RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {atWork};
                END IF;
            END
            """;
        return $"DO {PostgreSqlName.Literal(block)}";
    }

    private static string Milliseconds(TimeSpan time) =>
        ((long)Math.Ceiling(time.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
}
