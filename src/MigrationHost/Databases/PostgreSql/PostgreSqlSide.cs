using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// The connection at the side of the work: it has the turn's lock, shows how far the run is, and looks at what the work is doing.
/// </summary>
/// <remarks>
/// The turn is two advisory locks. One is held here, so that the work may run what it likes. The other is held by the work itself, so that
/// nobody else gets the turn while its backend still runs, even if this connection has broken.
/// </remarks>
internal sealed class PostgreSqlSide(
    PostgreSqlDatabase database,
    PostgreSqlConnection connection,
    PostgreSqlHistory history) : IAsyncDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _one = new(1);
    private readonly long _key = Key(history);

    /// <summary>The backend of this connection, as it was announced.</summary>
    public int AnnouncedPid => connection.AnnouncedPid;

    /// <summary>Takes both locks of the turn, if nobody has them.</summary>
    public async Task<bool> TryLockAsync(PostgreSqlConnection work, CancellationToken cancellationToken)
    {
        if (!await AskAsync(asked => TryLockAsync(asked, _key, cancellationToken), cancellationToken).ConfigureAwait(false))
            return false;
        if (await TryLockAsync(work, _key + 1, cancellationToken).ConfigureAwait(false))
            return true;
        await UnlockAsync(cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Takes the locks that the tool itself would have, once the turn is ours; gives all back where the tool is at work.</summary>
    public async Task<bool> TryLockToolAsync(PostgreSqlConnection work, CancellationToken cancellationToken)
    {
        var isFree = !await AskAsync(asked => history.IsToolAtWorkAsync(asked, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var key in history.ToolLocks)
            isFree = isFree
                && await AskAsync(asked => TryLockAsync(asked, key, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (isFree)
            return true;
        await work.ScalarAsync<bool>("SELECT pg_advisory_unlock($1)", cancellationToken, _key + 1).ConfigureAwait(false);
        await UnlockAsync(cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Hands the turn on. What a broken connection has left on the server is ended, so that nobody waits for it.</summary>
    public async Task EndTurnAsync(PostgreSqlSession session)
    {
        using var limit = new CancellationTokenSource(LongestEnd, database.Time);
        try
        {
            if (session.Work.IsBroken)
            {
                database.LeaveBehind(session.Pid);
                await AskAsync(asked => TurnHolders.EndLeftBehindAsync(database, asked, limit.Token), limit.Token).ConfigureAwait(false);
            }
            else
                await session.Work.ScalarAsync<bool>("SELECT pg_advisory_unlock($1)", limit.Token, _key + 1).ConfigureAwait(false);
            await UnlockAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or PostgresException or OperationCanceledException)
        {
            // Both locks end with their connections, which are closed next.
        }
    }

    /// <summary>
    /// Shows those who wait what is being done: the mark in the session's name, the words in
    /// front of its last statement, whichever that is.
    /// </summary>
    public Task ShowAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        var words = Words(new TurnHolder(Instance.Name, progress.Doing, progress.Mark));
        return AskAsync(
            async asked =>
            {
                asked.Comment = words;
                await asked.ExecuteAsync(
                    cancellationToken,
                    $"SET application_name = {PostgreSqlName.Literal(ApplicationName.With(progress.Mark))}").ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Asks the server something on this connection, one question at a time.</summary>
    public async Task<T> AskAsync<T>(Func<PostgreSqlConnection, Task<T>> question, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await question(connection).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Opens the connection anew after it broke, and takes its lock again if that is free.</summary>
    public Task ReopenAsync(CancellationToken cancellationToken) => AskAsync(
        async broken =>
        {
            database.LeaveBehind(broken.AnnouncedPid);
            await broken.DisposeAsync().ConfigureAwait(false);
            connection = await database.ConnectAsync(broken.Server, cancellationToken).ConfigureAwait(false);
            connection.Comment = broken.Comment;
            await connection.ExecuteAsync(cancellationToken, PostgreSqlSql.ForTheSide(connection.ServerVersion)).ConfigureAwait(false);
            var locked = await TryLockAsync(connection, _key, cancellationToken).ConfigureAwait(false);
            foreach (var key in locked ? history.ToolLocks : [])
                locked &= await TryLockAsync(connection, key, cancellationToken).ConfigureAwait(false);
            return locked;
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (connection.IsBroken)
            database.LeaveBehind(connection.AnnouncedPid);
        await connection.DisposeAsync().ConfigureAwait(false);
        _one.Dispose();
    }

    /// <summary>
    /// Ends the sessions of tools that have ended: our own, and those of processes that are provably gone. The server continues with a
    /// statement whose client was killed, and keeps its locks.
    /// </summary>
    public async Task EndToolSessionsAsync()
    {
        using var limit = new CancellationTokenSource(LongestEnd, database.Time);
        while (await EndSomeAsync(limit.Token).ConfigureAwait(false))
            await Task.Delay(database.PollInterval, database.Time, limit.Token).ConfigureAwait(false);
    }

    private async Task<bool> EndSomeAsync(CancellationToken cancellationToken)
    {
        var sessions = await AskAsync(
            asked => asked.QueryAsync(
                "SELECT pid, application_name FROM pg_stat_activity "
                    + "WHERE datname = current_database() AND starts_with(application_name, $1)",
                row => (Pid: row.GetInt32(0), Name: row.GetString(1)),
                cancellationToken,
                ApplicationName.ToolPrefix),
            cancellationToken).ConfigureAwait(false);
        int[] left =
        [
            .. from session in sessions
               where session.Name == database.ToolName || ApplicationName.TokenOfTool(session.Name) is { IsGone: true }
               select session.Pid,
        ];
        if (left.Length > 0)
            await AskAsync(
                asked => asked.QueryAsync("SELECT pg_terminate_backend(pid) FROM unnest($1) AS pid", _ => true, cancellationToken, left),
                cancellationToken).ConfigureAwait(false);
        return left.Length > 0;
    }

    /// <summary>The comment for those who wait.</summary>
    public static string Words(TurnHolder holder)
    {
        var json = Encoding.UTF8.GetString(holder.ToJson());
        return $"/* {json.Replace("/", "\\/", StringComparison.Ordinal)} */ ";
    }

    /// <summary>What the last statement of such a connection says to those who wait; null if it is another statement.</summary>
    public static TurnHolder? Said(string query)
    {
        var (from, to) = (query.IndexOf("/* ", StringComparison.Ordinal), query.IndexOf(" */", StringComparison.Ordinal));
        try
        {
            return from >= 0 && to > from
                ? JsonSerializer.Deserialize(query.AsSpan(from + 3, to - from - 3), TurnHolderJson.Default.TurnHolder)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task<bool> TryLockAsync(PostgreSqlConnection connection, long key, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("SELECT pg_try_advisory_lock($1)", cancellationToken, key);

    // All that this connection has: its part of the turn, and the tool's own.
    private Task<bool> UnlockAsync(CancellationToken cancellationToken) => AskAsync(
        async asked =>
        {
            await asked.ExecuteAsync(cancellationToken, "SELECT pg_advisory_unlock_all()").ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    // Advisory locks belong to a database already; the schema makes the rest, and a name that is the same for every form of history: who
    // takes a folder for another tool's must not run beside who takes it for ours. Even, so that the next number is free for the second
    // lock. Other releases take the same two: docs/instances.md.
    public static long Key(PostgreSqlHistory history) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"migrationhost {history.TurnName}"))) & ~1L;
}
