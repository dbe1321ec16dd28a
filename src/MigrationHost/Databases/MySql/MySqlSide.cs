using System.Globalization;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// The connection at the side of the work: it has the turn's lock, shows how far the run is, and looks at what the work is doing.
/// </summary>
/// <remarks>
/// It shows that as a comment in front of a SLEEP that it runs again and again: the processlist has what runs, and nothing else that
/// another session could read without a right or a table.
/// </remarks>
internal sealed class MySqlSide : IAsyncDisposable
{
    /// <summary>An answer takes a millisecond. After this long the network is cut.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(5);

    /// <summary>For how long the server may be out of reach before the work on it is given up.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);

    /// <summary>So long the end of this connection is waited for. One that is cut off ends by itself, some seconds later.</summary>
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);

    /// <summary>How often a work without anything to do is asked, so that the server does not take it for gone.</summary>
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(30);

    /// <summary>So many looks in a row that do not find our connection at work mean that it is not.</summary>
    private const int LooksUntilGone = 3;

    private readonly Lock _publishing = new();
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly MySqlSession _session;
    private readonly MySqlDatabase _database;
    private readonly IRunProgress _progress;
    private readonly MySqlWorkLook _look;
    private MySqlLink _link;
    private IReadOnlyList<string> _toolLocks = [];
    private Task _looping = Task.CompletedTask;

    private string? _statement;
    private long _number;
    private int _gone;
    private long? _idleSince;
    private long _pingedAt;

    private MySqlSide(MySqlSession session, MySqlLink link, IRunProgress progress)
    {
        (_session, _database, _link, _progress) = (session, session.Database, link, progress);
        (_look, _pingedAt) = (new MySqlWorkLook(session.Id, session.Database.Time), _database.Time.GetTimestamp());
    }

    /// <summary>The connection id of this connection.</summary>
    public int Id => _link.AnnouncedId;

    /// <summary>Cancelled when the server cannot be reached any more.</summary>
    public CancellationToken Lost => _lost.Token;

    public ConnectionLostException LostBecause { get; private set; } = new("the connection broke");

    /// <exception cref="MySqlException">The server refuses one more connection.</exception>
    public static async Task<MySqlSide> OpenAsync(MySqlSession session, IRunProgress progress, CancellationToken cancellationToken) =>
        new(session, await ConnectAsync(session.Database, cancellationToken).ConfigureAwait(false), progress);

    /// <summary>Takes its lock of the turn, if nobody has it.</summary>
    public Task<bool> TryLockAsync(CancellationToken cancellationToken) =>
        MySqlTurnQueue.TryLockAsync(_link, _database.TurnNames.Side, cancellationToken);

    /// <summary>Takes the locks that the tool whose history it is would have, if nobody has them.</summary>
    public async Task<bool> TryLockToolAsync(CancellationToken cancellationToken)
    {
        foreach (var name in _toolLocks = _database.ToolLocks)
        {
            if (!await MySqlTurnQueue.TryLockAsync(_link, name, cancellationToken).ConfigureAwait(false))
                return false;
        }
        return true;
    }

    /// <summary>Begins to show and to look.</summary>
    public void Start() => _looping = Task.Run(LoopAsync);

    /// <summary>A statement is sent.</summary>
    public void Begins(string statement)
    {
        lock (_publishing)
            (_statement, _number, _idleSince) = (statement, _number + 1, null);
    }

    /// <summary>It is answered.</summary>
    /// <param name="granted">It was not refused: whatever it waited for, it got.</param>
    public void Ends(bool granted)
    {
        lock (_publishing)
        {
            _statement = null;
            if (!granted)
                return;
            _session.LastWait = null;
            _progress.Tell(new Progress.Waiting(null));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        try
        {
            await EndAsync().WaitAsync(LongestGoodbye).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What it asked last has no answer yet.
        }
    }

    private async Task EndAsync()
    {
        await _looping.ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
        _over.Dispose();
        _lost.Dispose();
    }

    private async Task LoopAsync()
    {
        var seen = 0L;
        try
        {
            while (!_over.IsCancellationRequested)
            {
                // Only what already ran at the last look is worth a question.
                var (working, number) = (_statement is not null, _number);
                var looks = working && number == seen;
                await AnsweredAsync(token => StepAsync(looks, number, token)).ConfigureAwait(false);
                ThrowIfGone();
                seen = working ? number : 0;
                await PingAsync(working).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // The turn is over.
        }
        catch (Exception e)
        {
            // Nobody looks any more, whatever the reason: a work that is not watched would be waited for in vain.
            LostBecause = e as ConnectionLostException ?? new ConnectionLostException(MySqlErrors.MessageOf(e), e);
            await _lost.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task StepAsync(bool looks, long number, CancellationToken cancellationToken)
    {
        _link.Comment = MySqlTurnWords.OfSide(new TurnHolder(Instance.Name, _progress.Doing, _progress.Mark));
        if (looks)
            Publish(number, await _look.TakeAsync(_link, number, cancellationToken).ConfigureAwait(false));
        var seconds = _database.LookEvery.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        await _link.ExecuteAsync(cancellationToken, $"DO SLEEP({seconds})").ConfigureAwait(false);
    }

    private void Publish(long number, MySqlWorkSeen seen)
    {
        lock (_publishing)
        {
            // What it waited for a moment ago says nothing of the statement that runs now.
            if (_statement is not { } statement || _number != number)
                return;
            _gone = seen.IsThere ? 0 : _gone + 1;
            _idleSince = seen.IsIdle ? _idleSince ?? _database.Time.GetTimestamp() : null;
            if (seen.Waits is { } what)
            {
                _session.LastWait = new MySqlLockWait(what, statement);
                _progress.Tell(new Progress.Waiting(what));
                return;
            }
            _progress.Tell(new Progress.Waiting(null));
            _progress.Tell(new Progress.Doing(seen.Activity));
            if (seen.GetsOn)
                _progress.Advance();
        }
    }

    // A moment passes between the end of a connection and the news of it. One that is half open brings no news.
    private void ThrowIfGone()
    {
        if (_gone >= LooksUntilGone)
            throw new ConnectionLostException($"connection {_session.Id}, which ran our statement, is gone from the server");
        if (_idleSince is { } since && _database.Time.GetElapsedTime(since) > LongestSilence)
            throw new ConnectionLostException($"connection {_session.Id} has answered, and its answer did not arrive");
    }

    private async Task PingAsync(bool working)
    {
        if (working || _statement is not null || _database.Time.GetElapsedTime(_pingedAt) < PingEvery || _session.Work.IsBroken)
            return;
        _pingedAt = _database.Time.GetTimestamp();
        using var limit = new CancellationTokenSource(LongestAnswer);
        try
        {
            await _session.Work.PingAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_session.Work.IsBroken)
        {
            // A statement of the run got in between.
        }
        catch (OperationCanceledException)
        {
            throw Unanswered();
        }
    }

    /// <summary>Asks, and opens the connection anew if it has broken: the work itself may be well.</summary>
    /// <exception cref="ConnectionLostException">The server stays out of reach, or another has the lock.</exception>
    private async Task AnsweredAsync(Func<CancellationToken, Task> ask)
    {
        if (await TryAsync(ask).ConfigureAwait(false) is not { } broken)
            return;
        var since = _database.Time.GetTimestamp();
        while (await TryAsync(ReopenAsync).ConfigureAwait(false) is not null)
        {
            if (_database.Time.GetElapsedTime(since) > LongestSilence)
                throw broken;
            await Task.Delay(_database.PollInterval, _database.Time, _over.Token).ConfigureAwait(false);
        }
    }

    private async Task<ConnectionLostException?> TryAsync(Func<CancellationToken, Task> ask)
    {
        _over.Token.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(LongestAnswer);
        try
        {
            await ask(limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (ConnectionLostException lost)
        {
            return lost;
        }
        catch (OperationCanceledException)
        {
            return Unanswered();
        }
        catch (MySqlException refused)
        {
            return new ConnectionLostException(MySqlErrors.MessageOf(refused), refused);
        }
    }

    private static ConnectionLostException Unanswered() => new($"the server did not answer for {Duration.Say(LongestAnswer)}");

    private async Task ReopenAsync(CancellationToken cancellationToken)
    {
        await CloseAsync().ConfigureAwait(false);
        _link = await ConnectAsync(_database, cancellationToken).ConfigureAwait(false);
        var locked = await TryLockAsync(cancellationToken).ConfigureAwait(false);
        foreach (var name in _toolLocks)
            locked = locked && await MySqlTurnQueue.TryLockAsync(_link, name, cancellationToken).ConfigureAwait(false);
        if (!locked)
            throw new ConnectionLostException("another session has the lock of the turn");
    }

    private async Task CloseAsync()
    {
        if (_link.IsBroken)
            _database.Lost.Add(_link.Server, _link.Client);
        await _link.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<MySqlLink> ConnectAsync(MySqlDatabase database, CancellationToken cancellationToken)
    {
        var link = await database.ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await link.ExecuteAsync(cancellationToken, MySqlSql.ForOurSessions(link.Server)).ConfigureAwait(false);
            await database.Lost.EndAsync(link, cancellationToken).ConfigureAwait(false);
            return link;
        }
        catch (Exception)
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
