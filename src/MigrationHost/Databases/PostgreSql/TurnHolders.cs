namespace MigrationHost.Databases.PostgreSql;

/// <summary>Who has the turn, as a connection sees it that waits for it.</summary>
internal sealed class TurnHolders(PostgreSqlDatabase database, long key)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);

    private long? _askedAt;
    private TurnHolder? _last;

    /// <summary>
    /// Who has it, asked a few times a second. A backend whose process is provably gone is ended: it would keep the turn until the
    /// server finds out.
    /// </summary>
    public async Task<TurnHolder?> FindAsync(PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        if (_askedAt is { } at && database.Time.GetElapsedTime(at) <= AskEvery)
            return _last;
        _askedAt = database.Time.GetTimestamp();
        return _last = await AskAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends what broken connections of this process have left on the server.</summary>
    /// <returns>Whether there was anything.</returns>
    public static async Task<bool> EndLeftBehindAsync(
        PostgreSqlDatabase database,
        PostgreSqlConnection connection,
        CancellationToken cancellationToken)
    {
        // A pid may have been given to another process meanwhile: the name of this very process is the proof.
        int[] left = [.. database.LeftBehind];
        if (left.Length == 0)
            return false;
        await connection.QueryAsync(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid = ANY ($1) AND pid <> pg_backend_pid() AND starts_with(application_name, $2)
            """,
            _ => true,
            cancellationToken,
            left,
            ApplicationName.Own).ConfigureAwait(false);
        database.Gone(left);
        return true;
    }

    // A lock of that number may be anybody's; where its client is may be hidden.
    private static TurnHolder Unknown(int pid, string name, string query, string from)
    {
        var program = name.StartsWith(ApplicationName.Prefix, StringComparison.Ordinal) ? "migrationhost" : name.Length > 0 ? name : null;
        return new TurnHolder(
            BlockerText.Who(program, pid) + (query == ServerBackend.Unseen ? "" : $" from {from}"),
            "it has the turn's advisory lock",
            ApplicationName.MarkOf(name));
    }

    private async Task<TurnHolder?> AskAsync(PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        // The key as pg_locks shows it: its upper half, its lower half, and 1 for a key of one number.
        var holders = await connection.QueryAsync(
            """
            SELECT l.pid, a.application_name, a.query, coalesce(host(a.client_addr), 'the local machine')
            FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (l.classid::bigint << 32 | l.objid::bigint) IN ($1, $2)
            ORDER BY (l.classid::bigint << 32 | l.objid::bigint)
            """,
            row => (Pid: row.GetInt32(0), Name: row.GetString(1), Query: row.IsDBNull(2) ? "" : row.GetString(2), From: row.GetString(3)),
            cancellationToken,
            key,
            key + 1).ConfigureAwait(false);
        foreach (var (pid, name, _, _) in holders)
        {
            if (ApplicationName.TokenOf(name) is { IsGone: true })
                await connection.ScalarAsync<bool>("SELECT pg_terminate_backend($1)", cancellationToken, pid).ConfigureAwait(false);
        }
        await EndLeftBehindAsync(database, connection, cancellationToken).ConfigureAwait(false);
        return holders is not [var first, ..] ? null
            : PostgreSqlSide.Said(first.Query)
            ?? Unknown(first.Pid, first.Name, first.Query, first.From);
    }
}
