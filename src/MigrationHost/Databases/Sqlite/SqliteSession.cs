using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A session on one file, on a thread of its own. The file is created only once there is something to write.</summary>
internal sealed class SqliteSession : IDatabaseSession, IReadsForeignTables
{
    private static readonly TimeSpan ForeignLookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>After so many reads of a file that was changed meanwhile it is opened as one that others write to.</summary>
    private const int ImmutableTries = 3;

    private readonly SqliteDatabase _database;
    private readonly DedicatedThread? _ownThread;
    private readonly DedicatedThread _thread;
    private readonly Func<RawSqlite>? _open;
    private volatile RawSqlite? _sqlite;
    private Func<bool>? _onTick;
    private volatile ForeignLook? _foreign;
    private volatile SqliteActivity _activity;

    /// <param name="database">The database it belongs to.</param>
    /// <param name="opened">The open file; null if there is none yet.</param>
    /// <param name="open">Opens the file anew, and creates it if that is allowed; null for a session that only takes the turn.</param>
    public SqliteSession(SqliteDatabase database, RawSqlite? opened, Func<RawSqlite>? open)
    {
        _database = database;
        _thread = DedicatedThread.OfRun ?? (_ownThread = new DedicatedThread());
        _open = open;
        Use(opened);
    }

    /// <summary>Opens the file anew for reading, as immutable where that is allowed.</summary>
    public required Func<bool, CancellationToken, RawSqlite> OpenToInspect { get; init; }

    public SqliteActivity Activity => _activity;

    public SqliteHistory History => _database.History;

    /// <summary>Whether another tool has its turn for the same migrations.</summary>
    public bool IsForeignTurn(RawSqlite sqlite) => _database.ForeignTurn?.Row(sqlite) is not null;

    /// <summary>Whether it waits for another tool's turn.</summary>
    public bool WaitsForForeign => _foreign is not null;

    public bool IsConnected => _sqlite is not null;

    /// <summary>Whether a script has changed the session, so that the next one needs a fresh one.</summary>
    public bool Renew { get; set; }

    public void Now(SqliteActivity activity) => _activity = activity;

    /// <summary>
    /// A transaction is over that could not commit. What it waited for is waited for until the next try: the
    /// diagnosis continues looking for who is in the way.
    /// </summary>
    public void RolledBack() => Now(_activity switch
    {
        SqliteActivity.Writes => SqliteActivity.Idle,
        SqliteActivity.WaitsToCommit or SqliteActivity.WaitsToVacuum => SqliteActivity.GaveWay,
        var other => other,
    });

    /// <summary>Whether it has rolled back and puts off the next attempt at something that is more than the write lock.</summary>
    public bool IsResting => _activity is SqliteActivity.GaveWay or SqliteActivity.WaitsToCheckpoint or SqliteActivity.WaitsForAll;

    public bool IsHeldUp => IsResting && _database.IsHeldUp(_activity);

    public async ValueTask<IReadOnlyCollection<HistoryEntry>?> TryReadHistoryAsync(CancellationToken cancellationToken) =>
        await TryReadAsync(History.Read, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ExistingTable>?> TryReadTablesAsync(
        IReadOnlyCollection<string> everywhere,
        CancellationToken cancellationToken) =>
        await TryReadAsync(
            sqlite => SqliteNames.Tables(sqlite, History.TableName).FindAll(table => !History.Form.Companions.Contains(table.Name)),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>?> TryReadColumnAsync(
        string? schema,
        string table,
        string column,
        CancellationToken cancellationToken) =>
        await TryReadAsync(sqlite => SqliteNames.Column(sqlite, schema ?? "main", table, column), cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>?> TryReadNamesAsync(CancellationToken cancellationToken) =>
        await TryReadAsync(SqliteNames.All, cancellationToken).ConfigureAwait(false);

    public ScriptReview Review(Migration script, ScriptText text)
    {
        var statements = SqliteStatements.Of(script, text);
        return new ScriptReview(statements.Refusals, statements.Notes)
        {
            LeavesOut = statements.LeavesOut,
            IsEmpty = statements.Count == 0,
        };
    }

    public ClientScript ForClient => History.Table.ForClient;

    public async ValueTask<TurnAttempt> TryTakeTurnAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        var attempt = await _thread.RunAsync(() => TryTakeTurn(progress, cancellationToken)).ConfigureAwait(false);
        Now(attempt.Turn is null ? SqliteActivity.WaitsForTurn : SqliteActivity.Idle);
        return attempt;
    }

    /// <summary>Does something on the session's thread. Cancelling ends running SQL at once.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="onTick">Called every now and then while SQL runs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MigrationException">The file cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<T> RunAsync<T>(Func<RawSqlite, T> work, Action? onTick, CancellationToken cancellationToken) =>
        _thread.RunAsync(() => Run(work, onTick, cancellationToken));

    /// <inheritdoc cref="RunAsync{T}(Func{RawSqlite, T}, Action, CancellationToken)"/>
    public Task<T> RunAsync<T>(Func<RawSqlite, T> work, CancellationToken cancellationToken) => RunAsync(work, null, cancellationToken);

    /// <inheritdoc cref="RunAsync{T}(Func{RawSqlite, T}, Action, CancellationToken)"/>
    public Task RunAsync(Action<RawSqlite> work, CancellationToken cancellationToken) => RunAsync(
        sqlite =>
        {
            work(sqlite);
            return true;
        },
        cancellationToken);

    public Task RenewAsync() => _thread.RunAsync(() =>
    {
        Close();
        Use(Open());
        Renew = false;
    });

    public async ValueTask DisposeAsync()
    {
        await _thread.RunAsync(Close).ConfigureAwait(false);
        if (_ownThread is not null)
            await _ownThread.EndAsync().ConfigureAwait(false);
        _database.Closed(this);
    }

    private async Task<List<T>?> TryReadAsync<T>(Func<RawSqlite, List<T>> read, CancellationToken cancellationToken)
    {
        if (_sqlite is null)
            return [];
        var rows = await RunAsync(sqlite => TryRead(sqlite, read), cancellationToken).ConfigureAwait(false);
        Now(rows is null ? SqliteActivity.WaitsToRead : SqliteActivity.Idle);
        return rows;
    }

    private static List<T>? TryRead<T>(RawSqlite sqlite, Func<RawSqlite, List<T>> read)
    {
        try
        {
            return read(sqlite);
        }
        catch (SqliteFailure refused) when (refused.IsBusy)
        {
            return null;
        }
    }

    // Who waits has no connection to the file: in WAL mode it would keep the holder of the turn from changing the journal mode, and each
    // would wait for the other.
    private TurnAttempt TryTakeTurn(IRunProgress progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_sqlite is { IsReadOnly: true })
            throw _database.ReadOnly();
        if (TakeTurnFile() is not { } file)
        {
            Close();
            return new TurnAttempt(null, TurnFile.ReadHolder(_database.Path));
        }
        try
        {
            if (_sqlite is null && _open is not null)
                Use(Open());
            if (_sqlite is { IsReadOnly: true })
                throw _database.ReadOnly();
            file.Show(progress);
            if (FindForeign(progress) is not { } foreign)
                return new TurnAttempt(new SqliteTurn(this, file, progress));
            file.Dispose();
            Close();
            return new TurnAttempt(null, foreign);
        }
        catch (ConnectionLostException e)
        {
            file.Dispose();
            return new TurnAttempt(null) { Lacks = _database.NotOpened(e) };
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The instance of another tool that has its turn. What one has left that was killed is taken away: once the kernel says that
    /// nobody has the file open, so not we either.</summary>
    private TurnHolder? FindForeign(IRunProgress progress)
    {
        if (_database.ForeignTurn is not { } turn || _sqlite is null)
            return null;
        if (TryRead(_sqlite, turn.Rows) is not { } rows)
            return turn.Unread;
        if (rows is not [var row, ..])
        {
            _foreign = null;
            return null;
        }
        if (_foreign is { } known && _database.Time.GetElapsedTime(known.At) < ForeignLookInterval)
            return known.Holder;
        Close();
        if (FileLease.IsOpenNowhere(_database.Path))
        {
            Use(Open());
            if (turn.TryRemove(_sqlite!, row))
            {
                progress.Tell(new Progress.Noted(turn.Removed(row)));
                _foreign = null;
                return null;
            }
        }
        var holder = turn.Holder(_database.Path, row, _database.Time.GetUtcNow());
        _foreign = new ForeignLook(holder, _database.Time.GetTimestamp());
        return holder;
    }

    private TurnFile? TakeTurnFile()
    {
        try
        {
            _database.CreateFolder();
            return TurnFile.TryTake(_database.Path, _database.Time);
        }
        catch (UnusableFileException e)
        {
            throw SqliteErrors.TurnFileUnusable(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.FolderNotWritable(_database.Target, _database.Path, e);
        }
    }

    // What was read of an immutable file that somebody has changed meanwhile is a mixture, or looks damaged.
    private T Run<T>(Func<RawSqlite, T> work, Action? onTick, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var sqlite = _sqlite ?? throw new InvalidOperationException("the database file was never opened");
            try
            {
                var result = RunOnce(sqlite, work, onTick, cancellationToken);
                if (sqlite.AtRest is not { HasChanged: true })
                    return result;
            }
            catch (Exception e) when (e is SqliteFailure or MigrationException && sqlite.AtRest is { HasChanged: true })
            {
                // Read again.
            }
            catch (SqliteFailure failure)
            {
                throw _database.Unreachable(failure);
            }
            Close();
            Use(Open(() => OpenToInspect(tries < ImmutableTries, cancellationToken)));
        }
    }

    private T RunOnce<T>(RawSqlite sqlite, Func<RawSqlite, T> work, Action? onTick, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _onTick = () =>
        {
            onTick?.Invoke();
            return cancellationToken.IsCancellationRequested;
        };
        try
        {
            using var ended = cancellationToken.Register(sqlite.Interrupt);
            return work(sqlite);
        }
        catch (SqliteFailure interrupted) when (interrupted.IsInterrupt)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            _onTick = null;
        }
    }

    private RawSqlite Open() => Open(_open!);

    private RawSqlite Open(Func<RawSqlite> open)
    {
        try
        {
            return open();
        }
        catch (SqliteFailure failure)
        {
            throw _database.Unreachable(failure);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SqliteErrors.FolderNotWritable(_database.Target, _database.Path, e);
        }
    }

    private void Close()
    {
        _sqlite?.Dispose();
        _sqlite = null;
    }

    private void Use(RawSqlite? sqlite)
    {
        _sqlite = sqlite;
        sqlite?.OnTick(() => _onTick?.Invoke() ?? false);
    }

    private sealed record ForeignLook(TurnHolder Holder, long At);
}
