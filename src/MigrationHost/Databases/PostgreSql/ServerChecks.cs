using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What <c>doctor</c> asks a server that answers: is it writable, and what in it would surprise a migration?</summary>
internal sealed class ServerChecks
{
    /// <summary>Two sessions of the replica that migrates and one of one that waits, each with one more for a diagnosis.</summary>
    private const int WantedSessions = 5;

    private static readonly string[] Limits = ["the server", "the role", "the database"];

    private static readonly TimeSpan LongClockDifference = TimeSpan.FromSeconds(5);

    private readonly PostgreSqlDatabase _database;
    private readonly PostgreSqlConnection _connection;

    private ServerChecks(PostgreSqlDatabase database, PostgreSqlConnection connection) => (_database, _connection) = (database, connection);

    /// <summary>The checks, to be asked one after another.</summary>
    public static IEnumerable<(string Name, Func<CancellationToken, Task<DoctorCheck>> Ask)> All(
        PostgreSqlDatabase database,
        PostgreSqlConnection connection)
    {
        var checks = new ServerChecks(database, connection);
        return
        [
            ("writable", checks.WritableAsync),
            ("permissions", checks.PermissionsAsync),
            ("diagnosis", checks.DiagnosisAsync),
            ("dead clients", checks.DeadClientsAsync),
            ("connections", checks.ConnectionsAsync),
            ("timeouts", checks.TimeoutsAsync),
            ("commit", checks.CommitAsync),
            ("encoding", checks.EncodingAsync),
            ("idle transactions", checks.IdleTransactionsAsync),
            ("prepared transactions", checks.PreparedAsync),
            ("indexes", checks.IndexesAsync),
            ("server clock", checks.ClockAsync),
        ];
    }

    private async Task<DoctorCheck> WritableAsync(CancellationToken cancellationToken)
    {
        var (standby, readOnly) = await OneAsync(
            "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only')",
            row => (row.GetBoolean(0), row.GetString(1) == "on"),
            cancellationToken).ConfigureAwait(false);
        return standby
            ? DoctorCheck.Problem(
                "writable",
                $"{_database.Target} is a standby: it can be read only",
                "Point the connection string at the primary, or name all hosts in it: Host=db1,db2")
            : readOnly ? DoctorCheck.Warning(
                "writable",
                "default_transaction_read_only is on for this server, database or role: the sessions of a run turn it off for themselves",
                "Turn it off for the role of the migrations: alter role … set default_transaction_read_only = off")
            : DoctorCheck.Ok("writable", "the server takes writes");
    }

    private async Task<DoctorCheck> PermissionsAsync(CancellationToken cancellationToken)
    {
        var (role, path, schema, create, history) = await OneAsync(
            $"""
            SELECT current_user::text, current_setting('search_path'), current_schema()::text,
                   has_schema_privilege(current_schema(), 'CREATE'),
                   coalesce(
                       (SELECT bool_and(has_table_privilege(t.oid, p))
                        FROM (SELECT to_regclass(quote_ident(current_schema()) || '.{HistoryTable.Name}')::oid AS oid) AS t,
                             unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p
                        WHERE t.oid IS NOT NULL),
                       true)
            """,
            row => (
                row.GetString(0),
                row.GetString(1),
                row.IsDBNull(2) ? null : row.GetString(2),
                !row.IsDBNull(3) && row.GetBoolean(3),
                row.GetBoolean(4)),
            cancellationToken).ConfigureAwait(false);
        var (user, name) = (PostgreSqlName.Quoted(role), PostgreSqlName.Quoted(schema ?? ""));
        return schema is null
            ? DoctorCheck.Problem(
                "permissions",
                $"no schema of the search_path ({path}) exists that role {role} may use",
                "Create or grant the schema, or name another one with Search Path in the connection string.")
            : !create ? DoctorCheck.Problem(
                "permissions",
                $"role {role} may not create tables in schema {schema}",
                $"grant create, usage on schema {name} to {user}")
            : !history ? DoctorCheck.Problem(
                "permissions",
                $"role {role} may not read and write {schema}.{HistoryTable.Name}",
                $"grant select, insert, update, delete on {name}.{HistoryTable.Name} to {user}")
            : DoctorCheck.Ok("permissions", $"role {role} may create tables in schema {schema}");
    }

    private async Task<DoctorCheck> DiagnosisAsync(CancellationToken cancellationToken)
    {
        var (role, all) = await OneAsync(
            "SELECT current_user::text, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')",
            row => (row.GetString(0), row.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false);
        return all
            ? DoctorCheck.Ok("diagnosis", $"role {role} sees what other sessions do")
            : DoctorCheck.Warning(
                "diagnosis",
                $"role {role} sees who blocks a migration, but not what and for how long",
                $"grant pg_read_all_stats to {PostgreSqlName.Quoted(role)}");
    }

    private async Task<DoctorCheck> DeadClientsAsync(CancellationToken cancellationToken)
    {
        if (_connection.ServerVersion < PostgreSqlSql.ConnectionCheck)
            return DoctorCheck.Warning(
                "dead clients",
                "before version 14 the server does not check whether the client of a running statement is still connected: "
                    + "it runs on, with its locks, until it ends",
                "Upgrade the server; until then set statement_timeout in the scripts that need it.");

        // Where the server's system cannot look, it refuses the setting: then every run would fail at the same place.
        await _connection.ExecuteAsync(
            cancellationToken,
            "SET client_connection_check_interval = '2s'",
            "RESET client_connection_check_interval").ConfigureAwait(false);
        return DoctorCheck.Ok("dead clients", "the server ends the statements of a vanished client within seconds");
    }

    private async Task<DoctorCheck> ConnectionsAsync(CancellationToken cancellationToken)
    {
        const string sql =
            """
            SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                     - (SELECT count(*)::int FROM pg_stat_activity
                        WHERE backend_type = 'client backend' OR backend_type IS NULL AND usesysid IS NOT NULL),
                   (SELECT CASE WHEN rolconnlimit >= 0
                                THEN rolconnlimit - (SELECT count(*)::int FROM pg_stat_activity AS a WHERE a.usesysid = r.oid) END
                    FROM pg_roles AS r WHERE rolname = session_user AND NOT rolsuper),
                   (SELECT CASE WHEN datconnlimit >= 0
                                THEN datconnlimit - (SELECT count(*)::int FROM pg_stat_activity AS a WHERE a.datid = d.oid) END
                    FROM pg_database AS d WHERE datname = current_database())
            """;
        var free = await OneAsync(
            sql,
            row => Limits.Select((what, i) => (What: what, Free: row.IsDBNull(i) ? (int?)null : row.GetInt32(i))).ToList(),
            cancellationToken).ConfigureAwait(false);
        var least = free.Where(limit => limit.Free is not null).MinBy(limit => limit.Free);
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{Math.Max(0, least.Free ?? 0)} more sessions are possible, limited by {least.What}");

        // This check's own session is counted as taken.
        return least.Free < WantedSessions - 1
            ? DoctorCheck.Warning(
                "connections",
                message,
                "Raise max_connections, or the connection limit of the role or database: "
                    + "an instance needs two sessions while it migrates, one while it waits for its turn, and one more for a diagnosis.")
            : DoctorCheck.Ok("connections", message);
    }

    private async Task<DoctorCheck> TimeoutsAsync(CancellationToken cancellationToken)
    {
        var set = await _connection.QueryAsync(
            """
            SELECT name || ' = ' || setting || ' ' || coalesce(unit, '') || ' (' || source || ')' FROM pg_settings
            WHERE name IN (
                'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')
              AND setting <> '0' AND source <> 'session' ORDER BY name
            """,
            row => row.GetString(0),
            cancellationToken).ConfigureAwait(false);
        return DoctorCheck.Ok(
            "timeouts",
            set.Count == 0
                ? "the server sets none of its own"
                : $"{string.Join(", ", set)}: overridden in the sessions of a run: Timeouts:Migration and Timeouts:Lock apply there");
    }

    private async Task<DoctorCheck> CommitAsync(CancellationToken cancellationToken)
    {
        var (names, mode, synchronous) = await OneAsync(
            "SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'), (SELECT count(*) "
                + "FROM pg_stat_replication WHERE sync_state IS NULL OR sync_state IN ('sync', 'quorum'))",
            row => (row.GetString(0), row.GetString(1), row.GetInt64(2)),
            cancellationToken).ConfigureAwait(false);
        return names.Length > 0 && mode is not ("off" or "local") && synchronous == 0
            ? DoctorCheck.Warning(
                "commit",
                $"synchronous_standby_names asks for {names}, and no such standby is connected: every COMMIT waits for one",
                "Start the standby, or take it out of synchronous_standby_names and reload the server.")
            : DoctorCheck.Ok("commit", names.Length == 0 ? "no COMMIT waits for a standby" : "a synchronous standby is connected");
    }

    private async Task<DoctorCheck> EncodingAsync(CancellationToken cancellationToken)
    {
        var encoding = await _connection.ScalarAsync<string>(
            "SELECT current_setting('server_encoding')",
            cancellationToken).ConfigureAwait(false);
        return encoding == "UTF8"
            ? DoctorCheck.Ok("encoding", encoding)
            : DoctorCheck.Warning(
                "encoding",
                $"the database is encoded in {encoding}: a script with a character that it does not have fails",
                "For a new database: create database … encoding 'UTF8' template template0");
    }

    private async Task<DoctorCheck> IdleTransactionsAsync(CancellationToken cancellationToken)
    {
        var idle = await _connection.QueryAsync(
            """
            SELECT pid, coalesce(nullif(application_name, ''), 'a session'), usename::text,
                   (extract(epoch FROM clock_timestamp() - state_change) * 1000)::bigint
            FROM pg_stat_activity
            WHERE datname = current_database() AND state LIKE 'idle in transaction%'
              AND state_change < clock_timestamp() - interval '3 s' AND NOT starts_with(application_name, $1)
            ORDER BY state_change
            """,
            row => (
                Pid: row.GetInt32(0),
                Text: $"{row.GetString(1)} (pid {row.GetInt32(0)}, user {row.GetString(2)}) for {Duration.Say(row.GetInt64(3))}"),
            cancellationToken,
            ApplicationName.Prefix).ConfigureAwait(false);
        var (hidden, role) = await OneAsync(
            $"""
            SELECT count(*), current_user::text FROM pg_stat_activity
            WHERE datname = current_database() AND query = {PostgreSqlName.Literal(ServerBackend.Unseen)}
            """,
            row => (row.GetInt64(0), row.GetString(1)),
            cancellationToken).ConfigureAwait(false);
        return idle.Count == 0 && hidden > 0
            ? DoctorCheck.Warning(
                "idle transactions",
                $"other roles' sessions are hidden from role {role}: {(hidden == 1 ? "1 session" : $"{hidden} sessions")} of this "
                    + "database may be idle in a transaction",
                $"grant pg_read_all_stats to {PostgreSqlName.Quoted(role)}")
            : idle.Count == 0
            ? DoctorCheck.Ok("idle transactions", "no session is idle in a transaction")
            : DoctorCheck.Warning(
                "idle transactions",
                $"idle in transaction: {string.Join("; ", idle.Select(one => one.Text))}",
                $"Commit or roll back there, or: {string.Join("; ", idle.Select(one => $"select pg_terminate_backend({one.Pid})"))}. "
                    + "Against it: idle_in_transaction_session_timeout for the application's role.");
    }

    private async Task<DoctorCheck> PreparedAsync(CancellationToken cancellationToken)
    {
        var prepared = await _connection.QueryAsync(
            "SELECT gid, owner::text, (extract(epoch FROM clock_timestamp() - prepared) * 1000)::bigint "
                + "FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared",
            row => (Gid: PostgreSqlName.Literal(row.GetString(0)), Owner: row.GetString(1), Ms: row.GetInt64(2)),
            cancellationToken).ConfigureAwait(false);
        return prepared.Count == 0
            ? DoctorCheck.Ok("prepared transactions", "none is left over")
            : DoctorCheck.Warning(
                "prepared transactions",
                "they keep their locks, over restarts too: "
                    + $"{string.Join("; ", prepared.Select(one => $"{one.Gid} of {one.Owner}, prepared {Duration.Say(one.Ms)} ago"))}",
                "If its transaction manager has forgotten it: "
                    + $"{string.Join("; ", prepared.Select(one => $"rollback prepared {one.Gid}"))}");
    }

    private async Task<DoctorCheck> IndexesAsync(CancellationToken cancellationToken)
    {
        var invalid = await _connection.QueryAsync(
            """
            SELECT n.nspname, c.relname
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname <> 'pg_toast'
              AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = c.oid)
            ORDER BY 1, 2
            """,
            row => $"{PostgreSqlName.Quoted(row.GetString(0))}.{PostgreSqlName.Quoted(row.GetString(1))}",
            cancellationToken).ConfigureAwait(false);
        return invalid.Count == 0
            ? DoctorCheck.Ok("indexes", "none is INVALID")
            : DoctorCheck.Warning(
                "indexes",
                $"INVALID, which slows writes down and answers no query: {string.Join(", ", invalid)}",
                string.Join("; ", invalid.Select(index => $"drop index concurrently {index}")));
    }

    private async Task<DoctorCheck> ClockAsync(CancellationToken cancellationToken)
    {
        var before = _database.Time.GetUtcNow();
        var server = await _connection.ScalarAsync<DateTime>(
            "SELECT clock_timestamp() AT TIME ZONE 'UTC'",
            cancellationToken).ConfigureAwait(false);
        var after = _database.Time.GetUtcNow();
        var difference = new DateTimeOffset(server, TimeSpan.Zero) is var at && at < before ? before - at
            : at > after ? at - after
            : TimeSpan.Zero;
        return difference > LongClockDifference
            ? DoctorCheck.Warning(
                "server clock",
                $"the server's clock and ours differ by {Duration.Say(difference)}",
                "Set both clocks (NTP): the history has this machine's time, the server's log its own.")
            : DoctorCheck.Ok("server clock", "agrees with ours");
    }

    private async Task<T> OneAsync<T>(string sql, Func<Npgsql.NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        (await _connection.QueryAsync(sql, read, cancellationToken).ConfigureAwait(false))[0];
}
