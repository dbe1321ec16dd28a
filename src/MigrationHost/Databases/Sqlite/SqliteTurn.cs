using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The turn: the lock on the file next to the database, and the session that works under it.</summary>
internal sealed class SqliteTurn(SqliteSession session, TurnFile file, IRunProgress progress) : ITurn, ISeesHolders, IShowsTurn
{
    /// <summary>The script that left violations and is run once more to see which of them are its own.</summary>
    public string? ComparesViolationsOf { get; set; }

    public async ValueTask<IMigrationTransaction?> TryBeginAsync(
        string version, ScriptHeader header, CancellationToken cancellationToken)
    {
        if (session.Renew)
            await session.RenewAsync().ConfigureAwait(false);
        SqliteHistoryGuard? history = null;
        var begun = await session.RunAsync(
            sqlite =>
            {
                file.Show(progress);
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
        return begun ? new SqliteTransaction(session, this, history!) : null;
    }

    public async ValueTask<IStatementRun> BeginStatementsAsync(Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        if (session.Renew)
            await session.RenewAsync().ConfigureAwait(false);
        return await session.RunAsync(sqlite => new SqliteStatementRun(session, this, sqlite, script, text), cancellationToken)
            .ConfigureAwait(false);
    }

    public IRunProgress Progress => progress;

    public bool IsHeldUp => session.IsHeldUp;

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
