using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// The connection that reads the history and does the work. A second one, at its side, is opened once the turn is free: whoever waits
/// needs one only.
/// </summary>
internal sealed class MySqlSession : IDatabaseSession, IReadsForeignTables
{
    private readonly MySqlTurnQueue _queue;
    private MySqlHistory _history;

    private MySqlSession(MySqlDatabase database, MySqlLink work)
    {
        (Database, Work) = (database, work);
        _history = new MySqlHistory(database.Form, database.Schema);
        _queue = new MySqlTurnQueue(this);
    }

    public MySqlDatabase Database { get; }

    public MySqlLink Work { get; }

    /// <summary>The connection id of the work.</summary>
    public int Id => Work.Client.Id;

    public MySqlHistory History => _history.Form == Database.Form ? _history
        : _history = new MySqlHistory(Database.Form, Database.Schema);

    /// <summary>The connection at the side of the work; null as long as there is no turn.</summary>
    public MySqlSide? Side { get; set; }

    /// <summary>Whether another instance has the turn that this session wants.</summary>
    public bool WaitsForTurn { get; private set; }

    /// <summary>What the work waits for right now, or waited for when it was last refused.</summary>
    public MySqlLockWait? LastWait { get; set; }

    public static async Task<MySqlSession> StartAsync(MySqlDatabase database, MySqlLink work, CancellationToken cancellationToken)
    {
        if (work.Client.Id != work.AnnouncedId)
        {
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.DatabaseUnreachable,
                Message = $"{database.Target}: a proxy is in between that gives statements to sessions of its own (the connection was "
                    + $"announced as {work.AnnouncedId}, and its statements run in {work.Client.Id}): locks of a session would be nobody's",
                Hint = "Point the connection string of the migrations at the server itself, not at ProxySQL or MaxScale.",
            });
        }
        await work.ExecuteAsync(cancellationToken, MySqlSql.ForOurSessions(work.Server)).ConfigureAwait(false);
        await database.Lost.EndAsync(work, cancellationToken).ConfigureAwait(false);
        work.Comment = MySqlTurnWords.OfWork;
        work.Listen();
        var session = new MySqlSession(database, work);
        if (work.Server.IsGalera)
            await session.History.AskAsync(work, cancellationToken).ConfigureAwait(false);
        return session;
    }

    public async ValueTask<IReadOnlyCollection<HistoryEntry>?> TryReadHistoryAsync(CancellationToken cancellationToken) =>
        await TryReadAsync(History.TableName, token => History.ReadAsync(Work, token), cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ExistingTable>?> TryReadTablesAsync(
        IReadOnlyCollection<string> everywhere, CancellationToken cancellationToken) => await TryReadAsync(
            "the catalog",
            async token =>
            {
                var tables = await MySqlNames.TablesAsync(this, everywhere, token).ConfigureAwait(false);
                var journal = await History.JournalAloneAsync(Work, token).ConfigureAwait(false);
                return tables.FindAll(table => table.Name != journal && !History.Form.Companions.Contains(table.Name));
            },
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>?> TryReadColumnAsync(
        string? schema, string table, string column, CancellationToken cancellationToken) => await TryReadAsync(
            table,
            token => MySqlNames.ColumnAsync(Work, schema ?? Database.Schema, table, column, token),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>?> TryReadNamesAsync(CancellationToken cancellationToken) => await TryReadAsync(
        "the catalog",
        token => MySqlNames.AllAsync(Work, Database.Schema, token),
        cancellationToken).ConfigureAwait(false);

    public ScriptReview Review(Migration script, ScriptText text)
    {
        var read = MySqlScript.Parse(script, text, Work.Server.HasBackslashEscapes, Rules);
        return new ScriptReview(read.Refusals, read.Notes) { LeavesOut = read.LeavesOut, IsEmpty = read.All.Count == 0 };
    }

    public ClientScript ForClient => new MySqlClientScript(History.Form, History.Table, Database.Schema);

    /// <summary>What a script may not contain.</summary>
    public MySqlRefusals Rules => new(
        [Database.Schema, History.Schema],
        History.TableName,
        Database.Settings.AllowsLocalFiles,
        Work.Server.LongestStatement,
        Database.LockAttempt,
        Work.Server["character_set_database"]?.StartsWith("utf8", StringComparison.Ordinal) is true);

    public async ValueTask<TurnAttempt> TryTakeTurnAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var attempt = await _queue.TryAsync(progress, cancellationToken).ConfigureAwait(false);
            WaitsForTurn = attempt is { Turn: null, Lacks: null };
            return attempt;
        }
        catch (MySqlException refused)
        {
            throw MySqlErrors.Unusable(Database.Target, refused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Side is not null)
            await Side.DisposeAsync().ConfigureAwait(false);
        if (Work.IsBroken)
            Database.Lost.Add(Work.Server, Work.Client);
        await Work.DisposeAsync().ConfigureAwait(false);
        Database.Closed(this);
    }

    private async Task<List<T>?> TryReadAsync<T>(
        string what, Func<CancellationToken, Task<List<T>>> read, CancellationToken cancellationToken)
    {
        try
        {
            await Work.ExecuteAsync(cancellationToken, MySqlSql.ForOurStatements(MySqlSql.ReadPatience)).ConfigureAwait(false);
            LastWait = MySqlLockWait.ToRead(what);
            var found = await read(cancellationToken).ConfigureAwait(false);
            LastWait = null;
            return found;
        }
        catch (MySqlException refused) when (MySqlErrors.IsInTheWay(refused))
        {
            return null;
        }
        catch (MySqlException refused)
        {
            throw MySqlErrors.Unusable(Database.Target, refused);
        }
    }
}
