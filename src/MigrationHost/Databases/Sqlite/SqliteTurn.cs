using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The turn: the lock on the file next to the database, and the session that works under it.</summary>
internal sealed class SqliteTurn(SqliteSession session, TurnFile file, IRunProgress progress)
    : ITurn, IGroupsMigrations, ISeesHolders, IShowsTurn
{
    private SqliteTransaction? _lastOfGroup;

    /// <summary>The script that left violations and is run once more to see which of them are its own.</summary>
    public string? ComparesViolationsOf { get; set; }

    public async ValueTask<IMigrationTransaction?> TryBeginAsync(
        string version, ScriptHeader header, CancellationToken cancellationToken)
    {
        var joins = _lastOfGroup is not null;
        if (session.Renew && !joins)
            await session.RenewAsync().ConfigureAwait(false);
        SqliteHistoryGuard? history = null;
        var begun = await session.RunAsync(
            sqlite =>
            {
                file.Show(progress);
                if (joins)
                {
                    history = _lastOfGroup!.History.Join(version);
                    return true;
                }
                sqlite.EnforceForeignKeys(header.EnforceForeignKeys);
                if (!sqlite.TryExecute("BEGIN IMMEDIATE"))
                    return false;
                if (session.IsForeignTurn(sqlite))
                {
                    sqlite.Execute("ROLLBACK");
                    return false;
                }
                history = new SqliteHistoryGuard(sqlite, session.History, version);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (begun || !session.IsResting)
            session.Now(begun ? SqliteActivity.Writes : SqliteActivity.WaitsToWrite);
        var transaction = begun ? new SqliteTransaction(session, this, history!) : null;
        _lastOfGroup = IsGrouping ? transaction ?? _lastOfGroup : null;
        return transaction;
    }

    /// <summary>Whether migrations share a commit.</summary>
    public bool IsGrouping { get; private set; }

    public bool EndsGroup => session.Renew;

    // Who is refused the write lock meanwhile cannot be seen: so long at most does a single short migration keep others waiting, too.
    public TimeSpan LongestGroup(bool begins) => TimeSpan.FromMilliseconds(begins ? 1000 : 100);

    public bool MayShare(Migration script, ScriptText text) => true;

    public void BeginGroup() => IsGrouping = true;

    public async ValueTask<bool> TryCommitGroupAsync(CancellationToken cancellationToken)
    {
        var group = _lastOfGroup!;
        if (!await group.TryCommitAllAsync(cancellationToken).ConfigureAwait(false))
            return false;
        _lastOfGroup = null;
        return true;
    }

    public async ValueTask EndGroupAsync()
    {
        IsGrouping = false;
        if (_lastOfGroup is not { } group)
            return;
        _lastOfGroup = null;
        await group.RollBackAsync().ConfigureAwait(false);
    }

    public async ValueTask<IStatementRun> BeginStatementsAsync(Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        if (session.Renew)
            await session.RenewAsync().ConfigureAwait(false);
        return await session.RunAsync(sqlite => new SqliteStatementRun(session, this, sqlite, script, text), cancellationToken)
            .ConfigureAwait(false);
    }

    public IRunProgress Progress => progress;

    public ValueTask<bool> IsHeldUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(session.IsHeldUp);

    /// <summary>Work continues: known to the watch, and shown to those who wait.</summary>
    public void Progressed()
    {
        progress.Advance();
        file.Show(progress);
    }

    public void Show() => file.Show(progress);

    public ValueTask DisposeAsync()
    {
        file.Dispose();
        return ValueTask.CompletedTask;
    }
}
