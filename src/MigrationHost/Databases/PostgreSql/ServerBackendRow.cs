using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>How backends and prepared transactions are read from the server, without a lock on a catalog.</summary>
internal static class ServerBackendRow
{
    /// <summary>All prepared transactions of the server.</summary>
    public static readonly string PreparedSql =
        $"""
        SELECT p.transaction::text::bigint, p.gid, p.ownerid, p.dbid, p.dbid = here.datid, {ServerLockRow.Milliseconds("p.prepared")}
        FROM pg_prepared_xact() AS p, pg_stat_get_activity(pg_backend_pid()) AS here
        """;

    private static readonly Version WithLeader = new(13, 0);

    /// <summary>The backends with the pids <c>$1</c>, and all whose name begins with <c>$2</c>.</summary>
    public static string Sql(Version server) =>
        $"""
        SELECT a.pid, coalesce(a.datid = here.datid, false), a.datid, a.usesysid, a.application_name, host(a.client_addr), a.client_port,
               a.state, a.query, a.backend_type, {(server >= WithLeader ? "a.leader_pid" : "NULL::int")}, a.wait_event_type, a.wait_event,
               a.backend_xmin IS NOT NULL, {ServerLockRow.Milliseconds("a.xact_start")},
               {ServerLockRow.Milliseconds("a.state_change")}, {ServerLockRow.Milliseconds("a.query_start")}
        FROM pg_stat_get_activity(NULL) AS a, pg_stat_get_activity(pg_backend_pid()) AS here
        WHERE a.pid <> here.pid AND (a.pid = ANY ($1) OR starts_with(a.application_name, $2))
        """;

    public static ServerBackend Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt32(0),
        IsHere = row.GetBoolean(1),
        DatabaseId = row.OidAt(2),
        UserId = row.OidAt(3),
        Application = row.TextAt(4) is { Length: > 0 } name ? name : null,
        Address = row.TextAt(5),
        Port = row.IntAt(6),
        State = row.TextAt(7),
        Query = row.TextAt(8),
        Type = row.TextAt(9),
        Leader = row.IntAt(10),
        WaitEventType = row.TextAt(11),
        WaitEvent = row.TextAt(12),
        HasSnapshot = row.GetBoolean(13),
        TransactionMs = row.LongAt(14),
        StateMs = row.LongAt(15),
        QueryMs = row.LongAt(16),
    };

    /// <summary>The number of its transaction, and itself.</summary>
    public static (long Number, ServerBackend Transaction) ReadPrepared(NpgsqlDataReader row) => (row.GetInt64(0), new ServerBackend
    {
        // It has no pid: its own number is used instead, which is unsigned, and differs from pids by its sign.
        Id = (int)(-(row.GetInt64(0) % int.MaxValue) - 1),
        Prepared = row.GetString(1),
        UserId = row.OidAt(2),
        DatabaseId = row.OidAt(3),
        IsHere = row.GetBoolean(4),
        TransactionMs = row.LongAt(5),
    });
}
