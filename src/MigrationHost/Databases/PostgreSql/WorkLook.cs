using System.Globalization;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Looks at a backend at work, from another connection: which lock it waits for, or the evidence that slow is not hung.</summary>
internal sealed class WorkLook(int pid, Version server, TimeProvider time)
{
    /// <summary>How often a wait is looked up among all the locks of the server; in between it is enough that it lasts.</summary>
    private static readonly TimeSpan LookUpEvery = TimeSpan.FromSeconds(1);

    private static readonly Version WithAnalyze = new(13, 0);
    private static readonly Version WithCopy = new(14, 0);

    private readonly string _workSql = WorkSql(server);
    private readonly string _progressSql = ProgressSql(server);
    private DateTime? _born;
    private string? _lastProgress;
    private string? _queryStart;
    private long _walAtStart;
    private ServerLock? _named;
    private (string Statement, PostgreSqlLockWait Wait, long At)? _waited;

    /// <param name="IsThere">Whether the server still has the backend.</param>
    /// <param name="Idle">For how long it has had nothing to do.</param>
    /// <param name="Lock">The lock it waits for; null if it does not.</param>
    /// <param name="Activity">What it does, in words.</param>
    /// <param name="GetsOn">Whether there is evidence that it got on since the last look.</param>
    internal readonly record struct Seen(
        bool IsThere, TimeSpan Idle = default, PostgreSqlLockWait? Lock = null, string? Activity = null, bool GetsOn = false);

    private sealed record Work(
        DateTime? Born, string? State, string? Type, string? Event, string Started, long IdleMs, long Wal, ServerLock? Wanted)
    {
        public bool Waits => Type is "Lock" or "BufferPin";
    }

    public async Task<Seen> TakeAsync(PostgreSqlConnection side, CancellationToken cancellationToken)
    {
        var found = await WorkAsync(side, cancellationToken).ConfigureAwait(false);

        // Another backend may have its pid by now.
        if (found is not { } work || (_born ??= work.Born) != work.Born)
            return default;
        if (work.State?.StartsWith("idle", StringComparison.Ordinal) == true)
            return new Seen(true, TimeSpan.FromMilliseconds(work.IdleMs));
        if (work.Event == "SyncRep")
            return new Seen(true, Lock: PostgreSqlLockWait.ForStandby);
        if (await WaitAsync(side, work, cancellationToken).ConfigureAwait(false) is { } wait)
            return new Seen(true, Lock: wait);

        if (work.Started != _queryStart)
            (_queryStart, _walAtStart, _lastProgress) = (work.Started, work.Wal, null);
        var told = await side.QueryOftenAsync(_progressSql, row => row.GetString(0), cancellationToken, pid).ConfigureAwait(false);
        var progress = told.FirstOrDefault();
        var moved = progress is not null && progress != _lastProgress;
        _lastProgress = progress;

        // A sleep, a wait for a client or for an extension is not work; the processor, the disk and the locks of a moment are.
        var works = work.Type is null or "IO" or "LWLock" or "BufferPin" or "IPC";
        return new Seen(true, Activity: Describe(progress, work.Type, work.Event, work.Wal - _walAtStart), GetsOn: moved || works);
    }

    private async Task<Work?> WorkAsync(PostgreSqlConnection side, CancellationToken cancellationToken)
    {
        var lasts = _waited is { } waited && time.GetElapsedTime(waited.At) < LookUpEvery;
        var work = await AskAsync(side, lookUp: !lasts, cancellationToken).ConfigureAwait(false);
        return lasts && work is { Waits: true } && work.Started != _waited?.Statement
            ? await AskAsync(side, lookUp: true, cancellationToken).ConfigureAwait(false)
            : work;
    }

    private async Task<Work?> AskAsync(PostgreSqlConnection side, bool lookUp, CancellationToken cancellationToken) =>
        (await side.QueryOftenAsync(_workSql, Read, cancellationToken, pid, lookUp).ConfigureAwait(false)).FirstOrDefault();

    private async Task<PostgreSqlLockWait?> WaitAsync(PostgreSqlConnection side, Work work, CancellationToken cancellationToken)
    {
        if (work is { Waits: true, Wanted: null } && _waited is { } known && known.Statement == work.Started)
            return known.Wait with { Waited = TimeSpan.Zero };
        _waited = null;
        if (work.Wanted is not { } wanted)
            return null;
        var wait = PostgreSqlLockWait.For(await NamedAsync(side, wanted, cancellationToken).ConfigureAwait(false));
        _waited = (work.Started, wait, time.GetTimestamp());
        return wait;
    }

    // One wait is looked at many times: its name is asked for once.
    private async Task<ServerLock> NamedAsync(PostgreSqlConnection side, ServerLock wanted, CancellationToken cancellationToken)
    {
        if (_named is null || (_named.Tag, _named.Mode) != (wanted.Tag, wanted.Mode))
        {
            var row = wanted is { Kind: "transactionid", Relation: not null };
            var named = (await LockNames.ReadAsync(side, [wanted], [], cancellationToken).ConfigureAwait(false)).Named(wanted);
            _named = row ? named with { RowOf = named.Name } : named;
        }
        return _named with { WaitsForMs = wanted.WaitsForMs };
    }

    private Work Read(NpgsqlDataReader row)
    {
        var wanted = row.IsDBNull(7) ? null : ServerLockRow.Read(row, 7, pid);
        return new Work(
            row.TimeAt(0),
            row.TextAt(1),
            row.TextAt(2),
            row.TextAt(3),
            row.GetString(4),
            row.LongAt(5) ?? 0,
            row.GetInt64(6),
            wanted is { Granted: true } ? wanted with { Kind = ServerLock.BufferPin, Mode = "BufferPin", Granted = false } : wanted);
    }

    private static string Describe(string? progress, string? type, string? what, long wal)
    {
        var mebibytes = (wal >> 20).ToString("N0", CultureInfo.InvariantCulture);
        return $"{progress ?? "running"}; {(type is null ? "on the processor" : $"waits for {type} {what}")}"
            + (wal > 1 << 20 ? $"; the server has written {mebibytes} MiB of WAL meanwhile" : "");
    }

    // A wait for a page in use is not among the locks: VACUUM has its lock on the table meanwhile.
    // Who waits for the transaction that has changed a row has a lock on the row, which shows its table.
    private static string WorkSql(Version server) =>
        $"""
        SELECT a.backend_start AT TIME ZONE 'UTC', a.state, a.wait_event_type, a.wait_event, coalesce(a.query_start::text, ''),
               {ServerLockRow.Milliseconds("a.state_change")},
               CASE WHEN pg_is_in_recovery() THEN 0 ELSE pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint END,
               {ServerLockRow.Columns(server)}
        FROM pg_stat_get_activity($1) AS a LEFT JOIN LATERAL (
            SELECT one.locktype, one.mode, one.granted, {ServerLockRow.Tag} AS tag, one.database, true AS here,
                   coalesce(one.relation, (
                       SELECT changed.relation FROM pg_lock_status() AS changed
                       WHERE changed.pid = one.pid AND changed.locktype = 'tuple' AND changed.granted LIMIT 1)) AS relation,
                   one.classid, one.objid, one.objsubid, one.pid{(server >= ServerLockRow.WithWaitStart ? ", one.waitstart" : "")}
            FROM pg_lock_status() AS one
            WHERE $2 AND a.wait_event_type IN ('Lock', 'BufferPin') AND one.pid = a.pid
              AND CASE a.wait_event_type
                  WHEN 'Lock' THEN NOT one.granted
                  ELSE one.granted AND one.locktype = 'relation' AND one.mode = '{LockModes.ShareUpdateExclusive}'
              END
            LIMIT 1) AS l ON true
        """;

    // Nothing if the server does not know of how much: what a phase does not count is 0 of 0.
    private static string Share(string done, string total, string of) =>
        $"coalesce(', ' || {done} || ' of ' || nullif({total}, 0) || ' {of}', '')";

    private static string ProgressSql(Version server) => string.Join(
        " UNION ALL ",
        [
            Progress(
                "create_index",
                "lower(command) || ': ' || phase",
                Share("blocks_done", "blocks_total", "blocks"),
                Share("tuples_done", "tuples_total", "tuples"),
                Share("lockers_done", "lockers_total", "earlier transactions ended")),
            Progress(
                "vacuum",
                "'vacuum: ' || phase || ', ' || heap_blks_scanned || ' of ' || heap_blks_total || ' blocks scanned'",
                "', ' || heap_blks_vacuumed || ' vacuumed'"),
            Progress(
                "cluster",
                "lower(command) || ': ' || phase",
                Share("heap_blks_scanned", "heap_blks_total", "blocks"),
                "', ' || heap_tuples_written || ' tuples written'"),
            .. server >= WithAnalyze
                ? [Progress("analyze", "'analyze: ' || phase", "', ' || sample_blks_scanned || ' of ' || sample_blks_total || ' blocks'")]
                : Array.Empty<string>(),
            .. server >= WithCopy ? [CopyProgress] : Array.Empty<string>(),
        ]);

    private static string CopyProgress =>
        Progress("copy", "lower(command) || ': ' || tuples_processed || ' rows'", Share("bytes_processed", "bytes_total", "bytes"));

    private static string Progress(string of, params string[] words) =>
        $"SELECT {string.Join(" || ", words)} FROM pg_stat_progress_{of} WHERE pid = $1";
}
