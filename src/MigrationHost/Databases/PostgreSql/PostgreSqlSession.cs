using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// The connection that reads the history and does the work. A second one, at its side, is opened once the turn is free: whoever waits
/// needs one only.
/// </summary>
internal sealed class PostgreSqlSession : IDatabaseSession, IReadsForeignTables, IFindsHistoryElsewhere
{
    private static readonly TimeSpan ReadPatience = TimeSpan.FromMilliseconds(300);

    private readonly TurnQueue _queue;
    private PostgreSqlHistory _history;

    private PostgreSqlSession(PostgreSqlDatabase database, PostgreSqlConnection work, PostgreSqlHistory history, int pid)
    {
        (Database, Work, _history, Pid) = (database, work, history, pid);
        _queue = new TurnQueue(this);
    }

    public PostgreSqlDatabase Database { get; }

    public PostgreSqlConnection Work { get; private set; }

    public PostgreSqlHistory History => _history.Form == Database.Form ? _history
        : _history = new PostgreSqlHistory(Database.Form, _history.DefaultSchema, Work.DatabaseName);

    /// <summary>The backend that does the work.</summary>
    public int Pid { get; private set; }

    /// <summary>The connection at the side of the work; null as long as the turn was not free.</summary>
    public PostgreSqlSide? Side { get; set; }

    /// <summary>Whether another instance has the turn that this session wants.</summary>
    public bool WaitsForTurn { get; private set; }

    /// <summary>What the work waits for right now, or waited for when it was last refused.</summary>
    public PostgreSqlLockWait? LastWait { get; set; }

    /// <summary>The number of the statement under way; 0 for one that is not the script's, null if none is.</summary>
    public int? Statement { get; set; }

    /// <summary>Makes a session of a connection.</summary>
    /// <exception cref="MigrationException">There is no schema to put the history into.</exception>
    public static async Task<PostgreSqlSession> StartAsync(
        PostgreSqlDatabase database,
        PostgreSqlConnection work,
        CancellationToken cancellationToken)
    {
        var (pid, schema) = await WhoAsync(work, cancellationToken).ConfigureAwait(false);
        database.Schema ??= schema ?? throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"{database.Target}: no schema of the search_path exists, so the history cannot be created",
            Hint = "Create the schema, or name an existing one with Search Path in the connection string.",
        });
        return new PostgreSqlSession(database, work, new PostgreSqlHistory(database.Form, database.Schema, work.DatabaseName), pid);
    }

    public async ValueTask<IReadOnlyCollection<HistoryEntry>?> TryReadHistoryAsync(CancellationToken cancellationToken) =>
        await TryReadAsync(
            History.Table,
            History.Table,
            () => History.ReadAsync(Work, cancellationToken),
            cancellationToken).ConfigureAwait(false);

    /// <remarks>
    /// The default schema changes with the role's search_path, and with the first schema of its name that anybody creates. Without this
    /// look everything would be applied a second time.
    /// </remarks>
    public async ValueTask<IReadOnlyList<(string Where, string Remedy)>?> TryFindHistoryElsewhereAsync(
        IReadOnlyList<Migration> scripts,
        CancellationToken cancellationToken)
    {
        foreach (var other in await History.ElsewhereAsync(Work, cancellationToken).ConfigureAwait(false))
        {
            var table = History.TableIn(other);
            if (await TryReadAsync(table, table, () => History.ReadInAsync(Work, other, cancellationToken), cancellationToken)
                .ConfigureAwait(false) is not { } entries)
                return null;
            if (entries.Exists(entry => scripts.Any(
                script => script.Version == entry.Version && (entry.Checksum is null || script.Has(entry.Checksum)))))
            {
                return
                [
                    (
                        $"the history of these migrations is in the schema {other}, "
                            + $"and the connection's default schema is {History.Schema} now",
                        $"Name the schema in the connection string (Search Path={other}), or move the table: "
                            + $"ALTER TABLE {table} SET SCHEMA {PostgreSqlName.Quoted(History.Schema)}"),
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
            async () => (await PostgreSqlNames.TablesAsync(Work, History, everywhere, cancellationToken).ConfigureAwait(false))
                .FindAll(table => !History.Form.Companions.Contains(table.Name)),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>?> TryReadColumnAsync(
        string? schema,
        string table,
        string column,
        CancellationToken cancellationToken)
    {
        var name = $"{(schema is null ? "" : $"{PostgreSqlName.Quoted(schema)}.")}{PostgreSqlName.Quoted(table)}";
        return await TryReadAsync(
            name,
            name,
            () => PostgreSqlNames.ColumnAsync(Work, name, column, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<string>?> TryReadNamesAsync(CancellationToken cancellationToken) =>
        await TryReadAsync(
            "the catalogs",
            null,
            () => PostgreSqlNames.AllAsync(Work, cancellationToken),
            cancellationToken).ConfigureAwait(false);

    public ScriptReview Review(Migration script, ScriptText text)
    {
        var read = PostgreSqlScript.Parse(script, text, Work.StandardStrings, History);
        return new ScriptReview(read.Refusals, read.Notes) { LeavesOut = read.LeavesOut, IsEmpty = read.All.Count == 0 };
    }

    public ClientScript ForClient => new PostgreSqlClientScript(History.Form, History.Table, Database.Asked.Values);

    public async ValueTask<TurnAttempt> TryTakeTurnAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var attempt = await _queue.TryAsync(progress, cancellationToken).ConfigureAwait(false);
            WaitsForTurn = attempt is { Turn: null, Lacks: null };
            return attempt;
        }
        catch (PostgresException refused)
        {
            throw PostgreSqlErrors.Unusable(Database.Target, refused);
        }
    }

    /// <summary>Gives all connections back, while there is no use for them.</summary>
    public async Task LeaveAsync()
    {
        if (Side is { } side)
            await side.DisposeAsync().ConfigureAwait(false);
        Side = null;
        await Work.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Connects again after <see cref="LeaveAsync"/>.</summary>
    public async Task ReturnAsync(CancellationToken cancellationToken)
    {
        Work = await Database.ConnectForWorkAsync(null, cancellationToken).ConfigureAwait(false);
        (Pid, _) = await WhoAsync(Work, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<(int Pid, string? Schema)> WhoAsync(PostgreSqlConnection work, CancellationToken cancellationToken) =>
        (await work.QueryAsync(
            "SELECT pg_backend_pid(), current_schema()",
            row => (row.GetInt32(0), row.IsDBNull(1) ? null : row.GetString(1)),
            cancellationToken).ConfigureAwait(false))[0];

    private async Task<List<T>?> TryReadAsync<T>(string what, string? table, Func<Task<List<T>>> read, CancellationToken cancellationToken)
    {
        try
        {
            await Work.ExecuteAsync(cancellationToken, "BEGIN READ ONLY", PostgreSqlSql.LockTimeout(ReadPatience)).ConfigureAwait(false);
            var entries = await read().ConfigureAwait(false);
            await Work.ExecuteAsync(cancellationToken, "COMMIT").ConfigureAwait(false);
            LastWait = null;
            return entries;
        }
        catch (PostgresException refused) when (PostgreSqlErrors.MayBeSentAgain(refused))
        {
            await Work.ExecuteAsync(cancellationToken, "ROLLBACK").ConfigureAwait(false);
            LastWait = PostgreSqlLockWait.ToRead(
                what,
                table is null ? null : await PostgreSqlNames.OidAsync(Work, table, cancellationToken).ConfigureAwait(false));
            return null;
        }
        catch (PostgresException refused)
        {
            throw PostgreSqlErrors.Unusable(Database.Target, refused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Side is not null)
            await Side.DisposeAsync().ConfigureAwait(false);
        if (Work.IsBroken)
            Database.LeaveBehind(Pid);
        await Work.DisposeAsync().ConfigureAwait(false);
        Database.Closed(this);
    }
}
