using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>The turn: two locks of GET_LOCK, and a look from the side at what the work is doing.</summary>
internal sealed class MySqlTurn(MySqlSession session, MySqlSide side, IRunProgress progress) : ITurn, IEndsToolSessions, ISeesWork
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetake = TimeSpan.FromSeconds(5);

    private readonly MySqlOthersAtWork _others = new(session);

    private bool _hears;

    public MySqlSession Session => session;

    public IRunProgress Progress => progress;

    /// <summary>Whether a script has changed the session, so that the next one needs it put back.</summary>
    public bool SessionChanged { get; set; }

    public async ValueTask<IMigrationTransaction?> TryBeginAsync(string version, ScriptHeader header, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
        return await MySqlTransaction.TryBeginAsync(this, version, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IStatementRun> BeginStatementsAsync(Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
        return new MySqlStatementRun(this, script, text);
    }

    /// <summary>Does something that may take long while it is looked at from the side.</summary>
    /// <param name="statement">What is run, for the names in it.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="isRecord">Whether it is the record of a statement: what that waits for is not granted with it.</param>
    /// <exception cref="ConnectionLostException">The server cannot be reached any more.</exception>
    public async Task WorkAsync(
        string statement, Func<CancellationToken, Task> work, CancellationToken cancellationToken, bool isRecord = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, side.Lost);
        var began = session.Database.Time.GetTimestamp();
        side.Begins(statement);
        try
        {
            await work(either.Token).ConfigureAwait(false);
            side.Ends(granted: !isRecord || session.LastWait is not { } other || other.Statement == statement);
        }
        catch (OperationCanceledException) when (side.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw side.LostBecause;
        }
        catch (MySqlException refused) when (MySqlErrors.IsInTheWay(refused))
        {
            session.LastWait ??= new MySqlLockWait("a lock that another session holds", statement);
            progress.Tell(new Progress.LockRefused(session.Database.Time.GetElapsedTime(began)));
            throw;
        }
        finally
        {
            side.Ends(granted: false);
        }
    }

    public Task<bool> IsAnybodyAtWorkAsync(CancellationToken cancellationToken) => _others.AreThereAsync(cancellationToken);

    /// <remarks>The server continues with a statement whose client was killed, and keeps its locks.</remarks>
    public async ValueTask EndToolSessionsAsync()
    {
        using var limit = new CancellationTokenSource(LongestEnd, session.Database.Time);
        try
        {
            while (await session.Database.OfTools.EndAsync(session.Work, limit.Token).ConfigureAwait(false))
                await Task.Delay(session.Database.PollInterval, session.Database.Time, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or MySqlException or OperationCanceledException)
        {
            progress.Tell(new Progress.Said(
                "WARNING", $"what the tool may have left on the server could not be ended: {MySqlErrors.MessageOf(e)}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        session.Work.Warned -= Hear;
        using var limit = new CancellationTokenSource(LongestEnd, session.Database.Time);
        try
        {
            if (!session.Work.IsBroken)
                await MySqlTurnQueue.UnlockAsync(session.Work, session.Database.TurnNames.Work, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or MySqlException or OperationCanceledException)
        {
            // The lock ends with its connection, which is closed next.
        }
        session.Side = session.Work.Side = null;
        await side.DisposeAsync().ConfigureAwait(false);
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (side.Lost.IsCancellationRequested)
            throw side.LostBecause;
        if (!_hears)
            session.Work.Warned += Hear;
        _hears = true;
        if (!SessionChanged)
            return;
        var work = session.Work;
        try
        {
            await work.ResetAsync(session.Database.Schema, cancellationToken).ConfigureAwait(false);
            await work.ExecuteAsync(cancellationToken, MySqlSql.ForOurSessions(work.Server)).ConfigureAwait(false);
            await RetakeAsync(work, cancellationToken).ConfigureAwait(false);
        }
        catch (MySqlException refused)
        {
            throw MySqlErrors.Unusable(session.Database.Target, refused);
        }
        SessionChanged = false;
    }

    // A reset gives the lock of the work away. Whoever has it for a moment gives it back: the one at the side is ours.
    private async Task RetakeAsync(MySqlLink work, CancellationToken cancellationToken)
    {
        var (time, name) = (session.Database.Time, session.Database.TurnNames.Work);
        var began = time.GetTimestamp();
        while (!await MySqlTurnQueue.TryLockAsync(work, name, cancellationToken).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(began) > LongestRetake)
                throw new ConnectionLostException("the lock of the turn could not be taken again after a reset of the session");
            await Task.Delay(session.Database.LookEvery, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Hear(string level, string message) => progress.Tell(new Progress.Said(level.ToUpperInvariant(), message));
}
