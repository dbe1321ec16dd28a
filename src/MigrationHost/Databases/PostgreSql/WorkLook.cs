using System.Globalization;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>One look at a backend at work, from another connection: which lock it waits for, or the evidence that slow is not hung.</summary>
internal sealed class WorkLook(int pid, Version server)
{
    private static readonly Version WithAnalyze = new(13, 0);
    private static readonly Version WithCopy = new(14, 0);

    private readonly string _progressSql = ProgressSql(server);
    private string? _lastProgress;
    private string? _queryStart;
    private long _walAtStart;

    /// <param name="Lock">The lock it waits for; null where it does not.</param>
    /// <param name="Activity">What it does, in words.</param>
    /// <param name="GetsOn">Whether there is evidence that it got on since the last look.</param>
    internal readonly record struct Seen(PostgreSqlLockWait? Lock, string? Activity, bool GetsOn);

    public async Task<Seen> TakeAsync(PostgreSqlConnection side, CancellationToken cancellationToken)
    {
        var rows = await side.QueryAsync(
            """
            SELECT wait_event_type, wait_event, coalesce(query_start::text, ''), CASE WHEN pg_is_in_recovery() THEN 0 ELSE pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint END
            FROM pg_stat_activity WHERE pid = $1 AND state <> 'idle'
            """,
            row => (Type: row.IsDBNull(0) ? null : row.GetString(0), Event: row.IsDBNull(1) ? null : row.GetString(1), Started: row.GetString(2), Wal: row.GetInt64(3)),
            cancellationToken,
            pid).ConfigureAwait(false);
        if (rows is not [var work])
            return default;
        if (work.Type == "Lock" && await WaitAsync(side, cancellationToken).ConfigureAwait(false) is { } wait)
            return new Seen(wait, null, false);

        if (work.Started != _queryStart)
            (_queryStart, _walAtStart, _lastProgress) = (work.Started, work.Wal, null);
        var progress = (await side.QueryAsync(_progressSql, row => row.GetString(0), cancellationToken, pid).ConfigureAwait(false)).FirstOrDefault();
        var moved = progress is not null && progress != _lastProgress;
        _lastProgress = progress;

        // A sleep, a wait for a client or for an extension is no work; the processor, the disk and the locks of a moment are.
        var works = work.Type is null or "IO" or "LWLock" or "BufferPin" or "IPC";
        return new Seen(null, Describe(progress, work.Type, work.Event, work.Wal - _walAtStart), moved || works);
    }

    private static string Describe(string? progress, string? type, string? what, long wal) => string.Create(
        CultureInfo.InvariantCulture,
        $"{progress ?? "running"}; {(type is null ? "on the processor" : $"waits for {type} {what}")}{(wal > 1 << 20 ? $"; the server has written {wal >> 20:N0} MiB of WAL meanwhile" : "")}");

    private async Task<PostgreSqlLockWait?> WaitAsync(PostgreSqlConnection side, CancellationToken cancellationToken) =>
        (await side.QueryAsync(
            """
            SELECT locktype, mode, relation, relation::regclass::text, pg_blocking_pids($1), clock_timestamp() AT TIME ZONE 'UTC' FROM pg_locks WHERE pid = $1 AND NOT granted
            """,
            row => new PostgreSqlLockWait(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetFieldValue<uint>(2), Resource(row.GetString(0), row.IsDBNull(3) ? null : row.GetString(3)))
            {
                BlockedBy = row.GetFieldValue<int[]>(4),
                SeenAt = row.GetDateTime(5),
            },
            cancellationToken,
            pid).ConfigureAwait(false)).FirstOrDefault();

    private static string Resource(string kind, string? relation) => kind switch
    {
        "transactionid" => "the end of another transaction",
        "virtualxid" => "the end of a transaction that began earlier",
        "advisory" => "an advisory lock",
        "tuple" => $"a row of {relation}",
        _ => relation ?? kind,
    };

    // Nothing where the server does not know of how much: what a phase does not count is 0 of 0.
    private static string Share(string done, string total, string of) => $"coalesce(', ' || {done} || ' of ' || nullif({total}, 0) || ' {of}', '')";

    private static string ProgressSql(Version server) => string.Join(
        " UNION ALL ",
        [
            $"SELECT lower(command) || ': ' || phase || {Share("blocks_done", "blocks_total", "blocks")} || {Share("tuples_done", "tuples_total", "tuples")} || {Share("lockers_done", "lockers_total", "earlier transactions ended")} FROM pg_stat_progress_create_index WHERE pid = $1",
            "SELECT 'vacuum: ' || phase || ', ' || heap_blks_scanned || ' of ' || heap_blks_total || ' blocks scanned, ' || heap_blks_vacuumed || ' vacuumed' FROM pg_stat_progress_vacuum WHERE pid = $1",
            $"SELECT lower(command) || ': ' || phase || {Share("heap_blks_scanned", "heap_blks_total", "blocks")} || ', ' || heap_tuples_written || ' tuples written' FROM pg_stat_progress_cluster WHERE pid = $1",
            .. server >= WithAnalyze ? ["SELECT 'analyze: ' || phase || ', ' || sample_blks_scanned || ' of ' || sample_blks_total || ' blocks' FROM pg_stat_progress_analyze WHERE pid = $1"] : Array.Empty<string>(),
            .. server >= WithCopy ? [$"SELECT lower(command) || ': ' || tuples_processed || ' rows' || {Share("bytes_processed", "bytes_total", "bytes")} FROM pg_stat_progress_copy WHERE pid = $1"] : Array.Empty<string>(),
        ]);
}
