using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The connection that reads the history and does the work. A second one, at its side, is opened with the first try for the turn.</summary>
internal sealed class PostgreSqlSession(PostgreSqlDatabase database, PostgreSqlConnection work, PostgreSqlHistory history, int pid) : IDatabaseSession
{
    private static readonly TimeSpan ReadPatience = TimeSpan.FromMilliseconds(300);

    private PostgreSqlSide? _side;

    public PostgreSqlDatabase Database => database;

    public PostgreSqlConnection Work => work;

    public PostgreSqlHistory History => history;

    /// <summary>The backend that does the work.</summary>
    public int Pid => pid;

    /// <summary>The connection at the side of the work; null before the first try for the turn.</summary>
    public PostgreSqlSide? Side => _side;

    /// <summary>Whether another instance has the turn that this session wants.</summary>
    public bool WaitsForTurn { get; private set; }

    /// <summary>What the work waits for right now, or waited for when it was last refused.</summary>
    public PostgreSqlLockWait? LastWait { get; set; }

    /// <summary>Makes a session of a connection.</summary>
    /// <exception cref="MigrationException">There is no schema to put the history into.</exception>
    public static async Task<PostgreSqlSession> StartAsync(PostgreSqlDatabase database, PostgreSqlConnection work, CancellationToken cancellationToken)
    {
        var (pid, schema) = (await work.QueryAsync("SELECT pg_backend_pid(), current_schema()", row => (row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1)), cancellationToken).ConfigureAwait(false))[0];
        return (database.Schema ?? schema) is { } known ? new PostgreSqlSession(database, work, new PostgreSqlHistory(database.Schema = known), pid) : throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"{database.Target}: no schema of the search_path exists, so that there is none to put the history into",
            Hint = "Create the schema, or name an existing one with Search Path in the connection string.",
        });
    }

    public async ValueTask<IReadOnlyCollection<HistoryEntry>?> TryReadHistoryAsync(CancellationToken cancellationToken) =>
        await TryReadAsync(history.Table, history.Table, () => history.ReadAsync(work, cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <remarks>The default schema changes with the role's search_path, and with the first schema of its name that somebody creates: without this look everything would be applied a second time.</remarks>
    public async ValueTask<IReadOnlyList<(string Where, string Remedy)>?> TryFindHistoryElsewhereAsync(IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        foreach (var other in await history.ElsewhereAsync(work, cancellationToken).ConfigureAwait(false))
        {
            var table = $"{PostgreSqlName.Quoted(other)}.{PostgreSqlHistory.TableName}";
            var found = await TryReadAsync(table, table, () => PostgreSqlHistory.AnyOfAsync(work, table, scripts, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (found is null)
                return null;
            if (found is [true])
            {
                return
                [
                    ($"the history of these migrations is in the schema {other}, and the connection's default schema is {history.Schema} now",
                        $"Name the schema in the connection string (Search Path={other}), or move the table: ALTER TABLE {table} SET SCHEMA {PostgreSqlName.Quoted(history.Schema)}"),
                ];
            }
        }
        return [];
    }

    public async ValueTask<IReadOnlyList<ExistingTable>?> TryReadTablesAsync(
        IReadOnlyCollection<string> everywhere,
        CancellationToken cancellationToken) => await TryReadAsync(
            "the catalogs",
            null,
            () => PostgreSqlNames.TablesAsync(work, history.Schema, everywhere, cancellationToken),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>?> TryReadColumnAsync(string? schema, string table, string column, CancellationToken cancellationToken)
    {
        var name = $"{(schema is null ? "" : $"{PostgreSqlName.Quoted(schema)}.")}{PostgreSqlName.Quoted(table)}";
        return await TryReadAsync(name, name, () => PostgreSqlNames.ColumnAsync(work, name, column, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<string>?> TryReadNamesAsync(CancellationToken cancellationToken) =>
        await TryReadAsync("the catalogs", null, () => PostgreSqlNames.AllAsync(work, cancellationToken), cancellationToken).ConfigureAwait(false);

    public ScriptReview Review(MigrationScript script, ScriptText text)
    {
        var read = PostgreSqlScript.Parse(script, text, work.StandardStrings, history.Schema);
        return new ScriptReview(read.Refusals, read.Notes);
    }

    public async ValueTask<TurnAttempt> TryTakeTurnAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            if (_side is null)
                await PrepareAsync(cancellationToken).ConfigureAwait(false);
            var attempt = await _side!.TryTakeTurnAsync(this, progress, cancellationToken).ConfigureAwait(false);
            WaitsForTurn = attempt.Turn is null;
            return attempt;
        }
        catch (PostgresException refused)
        {
            throw PostgreSqlErrors.Unusable(database.Target, refused);
        }
    }

    private async Task<List<T>?> TryReadAsync<T>(string what, string? table, Func<Task<List<T>>> read, CancellationToken cancellationToken)
    {
        try
        {
            await work.ExecuteAsync(cancellationToken, "BEGIN READ ONLY", PostgreSqlSql.LockTimeout(ReadPatience)).ConfigureAwait(false);
            var entries = await read().ConfigureAwait(false);
            await work.ExecuteAsync(cancellationToken, "COMMIT").ConfigureAwait(false);
            LastWait = null;
            return entries;
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            await work.ExecuteAsync(cancellationToken, "ROLLBACK").ConfigureAwait(false);
            LastWait = PostgreSqlLockWait.ToRead(what, table is null ? null : await PostgreSqlNames.OidAsync(work, table, cancellationToken).ConfigureAwait(false));
            return null;
        }
        catch (PostgresException refused)
        {
            throw PostgreSqlErrors.Unusable(database.Target, refused);
        }
    }

    /// <summary>Makes both sessions ready for work, once it is known that there is some.</summary>
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (work.InRecovery)
            throw PostgreSqlErrors.ReadOnly(database.Target);
        var side = await ConnectSideAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await PoolerCheck.RefuseTransactionPoolingAsync(database.Target, work, side, cancellationToken).ConfigureAwait(false);
            await work.ExecuteAsync(cancellationToken, PostgreSqlSql.ForOurSessions(work.ServerVersion)).ConfigureAwait(false);
            await side.ExecuteAsync(cancellationToken, PostgreSqlSql.ForOurSessions(side.ServerVersion)).ConfigureAwait(false);
            _side = new PostgreSqlSide(database, side, history);
        }
        catch (Exception)
        {
            await side.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A server that took the first connection and not the second is going away, or full: everything begins anew, within its limits.
    private async Task<PostgreSqlConnection> ConnectSideAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await database.ConnectAsync(work.Server, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.NotUpYet(e) is { } why)
        {
            throw new ConnectionLostException(why, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_side is not null)
            await _side.DisposeAsync().ConfigureAwait(false);
        if (work.IsBroken)
            database.LeaveBehind(pid);
        await work.DisposeAsync().ConfigureAwait(false);
        database.Closed(this);
    }
}
