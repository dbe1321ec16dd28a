using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>How a lock is read from the server.</summary>
/// <remarks>
/// From the functions under the views pg_locks and pg_stat_activity: reading a view takes locks on catalogs, and it may be such a lock that
/// is looked for.
/// </remarks>
internal static class ServerLockRow
{
    /// <summary>What is locked, as one text.</summary>
    public const string Tag =
        "concat_ws('/', locktype, database, relation, page, tuple, virtualxid, transactionid, classid, objid, objsubid)";

    /// <summary>The first version that reports since when a lock is waited for.</summary>
    public static readonly Version WithWaitStart = new(14, 0);

    private const int Count = 12;

    /// <summary>The columns of a lock, from a row of pg_lock_status() with its <c>tag</c> and whether it is <c>here</c>.</summary>
    public static string Columns(Version server) =>
        $"""
        l.locktype, l.mode, l.granted, l.tag, l.database, l.here, l.relation, l.classid, l.objid, l.objsubid,
        CASE WHEN NOT l.granted THEN pg_blocking_pids(l.pid) END,
        {(server >= WithWaitStart ? Milliseconds("l.waitstart") : "NULL::bigint")}
        """;

    /// <summary>For how long something has lasted, by the server's clock.</summary>
    public static string Milliseconds(string since) => $"(extract(epoch FROM clock_timestamp() - {since}) * 1000)::bigint";

    /// <summary>Reads the columns of a lock that begin at <paramref name="first"/>.</summary>
    public static ServerLock Read(NpgsqlDataReader row, int first, int owner)
    {
        var kind = row.GetString(first);
        (uint, uint)? thing = row.OidAt(first + 7) is { } catalog && row.OidAt(first + 8) is { } id ? (catalog, id) : null;
        return new ServerLock
        {
            Owner = owner,
            Kind = kind,
            Mode = row.GetString(first + 1),
            Granted = row.GetBoolean(first + 2),
            Tag = row.GetString(first + 3),
            Database = row.OidAt(first + 4),
            IsHere = row.GetBoolean(first + 5),
            Relation = row.OidAt(first + 6),
            Object = thing,

            // An advisory lock's key of one number is shown as its upper half, its lower half, and 1.
            Key = kind == "advisory" && thing is var (upper, lower) && row.GetInt16(first + 9) == 1
                ? (long)(((ulong)upper << 32) | lower)
                : null,
            BlockedBy = row.IsDBNull(first + 10) ? [] : row.GetFieldValue<int[]>(first + 10),
            WaitsForMs = row.LongAt(first + Count - 1),
        };
    }
}
