using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The turn: two advisory locks, and a look from the side at what the work is doing.</summary>
internal sealed class PostgreSqlTurn : ITurn, IGroupsMigrations, IEndsToolSessions, ISeesWork, ISeesHolders
{
    private readonly PostgreSqlSide _side;
    private readonly WorkObserver _observer;
    private readonly HoldersSeen _holders = new();
    private PostgreSqlTransaction? _lastOfGroup;

    public PostgreSqlTurn(PostgreSqlSession session, PostgreSqlSide side, IRunProgress progress)
    {
        (Session, _side, Progress) = (session, side, progress);
        session.Work.Noticed += Hear;
        _observer = new WorkObserver(session, side, progress);
    }

    public PostgreSqlSession Session { get; }

    public IRunProgress Progress { get; }

    /// <summary>Whether a script has changed the session, so that the next one needs it put back.</summary>
    public bool SessionChanged { get; set; }

    /// <summary>The migrations that share a commit; null if each has its own.</summary>
    public PostgreSqlGroup? Group { get; private set; }

    public bool EndsGroup => SessionChanged;

    public async ValueTask<IMigrationTransaction?> TryBeginAsync(string version, ScriptHeader header, CancellationToken cancellationToken)
    {
        if (_lastOfGroup is null)
            await PrepareAsync(cancellationToken).ConfigureAwait(false);
        var begun = _lastOfGroup is not null
            ? PostgreSqlTransaction.Joining(this, version)
            : await PostgreSqlTransaction.TryBeginAsync(this, version, cancellationToken).ConfigureAwait(false);
        _lastOfGroup = Group is not null ? begun ?? _lastOfGroup : null;
        return begun;
    }

    // Whoever waits for a lock of a group waits for all of it: only where nobody can be there yet.
    public TimeSpan LongestGroup(bool begins) => begins ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;

    public bool MayShare(Migration script, ScriptText text) =>
        PostgreSqlScript.Parse(script, text, Session.Work.StandardStrings, Session.History).All is { Count: > 0 } statements
        && statements.All(statement => statement.OnlyDefines);

    public void BeginGroup() => Group = new PostgreSqlGroup(Session.History);

    public async ValueTask<bool> TryCommitGroupAsync(CancellationToken cancellationToken)
    {
        if (!await _lastOfGroup!.TryCommitGroupAsync(cancellationToken).ConfigureAwait(false))
            return false;
        _lastOfGroup = null;
        return true;
    }

    public async ValueTask EndGroupAsync()
    {
        Group = null;
        Session.History.LookAgain();
        if (_lastOfGroup is null)
            return;
        _lastOfGroup = null;
        await Session.Work.TryRollBackAsync().ConfigureAwait(false);
    }

    public async ValueTask<IStatementRun> BeginStatementsAsync(Migration script, ScriptText text, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken).ConfigureAwait(false);
        SessionChanged = true;
        return new PostgreSqlStatementRun(this, script, text);
    }

    /// <summary>Does something that may take long while it is looked at from the side.</summary>
    /// <param name="statement">The number of the script's statement; 0 for what is not the script's.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ConnectionLostException">The server cannot be reached any more.</exception>
    public async Task WorkAsync(int statement, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _observer.Lost);
        var granted = false;
        _observer.Begins(statement);
        try
        {
            await work(either.Token).ConfigureAwait(false);
            granted = true;
        }
        catch (OperationCanceledException) when (_observer.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw _observer.LostBecause;
        }
        finally
        {
            _observer.Ends(granted);
        }
    }

    public async ValueTask EndToolSessionsAsync()
    {
        try
        {
            await _side.EndToolSessionsAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or Npgsql.NpgsqlException or OperationCanceledException)
        {
            Progress.Tell(new Progress.Said(
                "WARNING",
                $"what the tool may have left on the server could not be ended: {PostgreSqlErrors.MessageOf(e)}"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _observer.DisposeAsync().ConfigureAwait(false);
        Session.Work.Noticed -= Hear;
        await _side.EndTurnAsync(Session).ConfigureAwait(false);
    }

    public Task<bool> IsAnybodyAtWorkAsync(CancellationToken cancellationToken) =>
        Session.Work.ScalarAsync<bool>(PostgreSqlSql.OthersChangeTheSchema, cancellationToken);

    public async ValueTask<bool> IsHeldUpAsync(CancellationToken cancellationToken)
    {
        if (Session.LastWait is not { BlockedBy.Count: > 0 } wait)
            return false;
        try
        {
            return await _side.AskAsync(
                asked => _holders.AreThereAsync(asked, wait, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or Npgsql.NpgsqlException)
        {
            // The next attempt finds out what is wrong.
            return false;
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_observer.Lost.IsCancellationRequested)
            throw _observer.LostBecause;
        if (!SessionChanged)
            return;
        var work = Session.Work;
        await WorkAsync(
            0,
            token => work.ExecuteAsync(token, PostgreSqlSql.ForgetTheScript(work.ServerVersion, Session.Database.Asked)),
            cancellationToken).ConfigureAwait(false);
        SessionChanged = false;
    }

    private void Hear(string severity, string message) => Progress.Tell(new Progress.Said(severity, message));
}
