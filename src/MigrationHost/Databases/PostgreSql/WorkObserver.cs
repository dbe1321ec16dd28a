namespace MigrationHost.Databases.PostgreSql;

/// <summary>Looks from the side at a statement under way, for as long as a turn lasts: does it wait, get on, still exist?</summary>
/// <remarks>And shows the run's progress to those who wait.</remarks>
internal sealed class WorkObserver : IAsyncDisposable
{
    /// <summary>How often those who wait are told that the run gets on.</summary>
    private static readonly TimeSpan ShowEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>An answer takes a millisecond. After this long the network is cut.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(5);

    /// <summary>For how long the server may be out of reach before the work on it is given up.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);

    /// <summary>So many looks in a row that do not find our backend at work mean that it is not.</summary>
    private const int LooksUntilGone = 3;

    /// <summary>After this long with nothing to do, the server has answered, and the answer is lost.</summary>
    private static readonly TimeSpan LongestUnanswered = TimeSpan.FromSeconds(30);

    private readonly Lock _publishing = new();
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly PostgreSqlSession _session;
    private readonly PostgreSqlSide _side;
    private readonly IRunProgress _progress;
    private readonly WorkLook _look;
    private readonly Task _looking;

    private bool _working;
    private long _number;
    private int _statement;
    private int _gone;
    private bool _warm;
    private long _shownMark;
    private long _shownAt;

    public WorkObserver(PostgreSqlSession session, PostgreSqlSide side, IRunProgress progress)
    {
        (_session, _side, _progress) = (session, side, progress);
        _look = new WorkLook(session.Pid, session.Work.ServerVersion, session.Database.Time);
        _looking = Task.Run(LookAsync);
    }

    /// <summary>Cancelled when the server cannot be reached any more.</summary>
    public CancellationToken Lost => _lost.Token;

    public ConnectionLostException LostBecause { get; private set; } = new("the connection broke");

    /// <summary>A statement is sent.</summary>
    /// <param name="statement">Its number in the script; 0 if it is not the script's.</param>
    public void Begins(int statement)
    {
        lock (_publishing)
            (_working, _number, _statement, _session.Statement) = (true, _number + 1, statement, statement);
    }

    /// <summary>It is answered.</summary>
    /// <param name="granted">It was not refused: whatever it waited for, it got.</param>
    public void Ends(bool granted)
    {
        lock (_publishing)
        {
            (_working, _session.Statement) = (false, null);
            if (!granted)
                return;
            if (_session.LastWait?.Statement == _statement)
                _session.LastWait = null;
            _progress.Tell(new Progress.Waiting(null));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
        _over.Dispose();
        _lost.Dispose();
    }

    private async Task LookAsync()
    {
        var seen = 0L;
        try
        {
            using var timer = new PeriodicTimer(_session.Database.LookEvery, _session.Database.Time);
            while (await timer.WaitForNextTickAsync(_over.Token).ConfigureAwait(false))
            {
                // Only what already ran at the last tick is worth a question.
                var (working, number) = (_working, _number);
                if (working && number == seen)
                {
                    await TryAskAsync(LookAtAsync).ConfigureAwait(false);
                    ThrowIfGone();
                }
                seen = working ? number : 0;
                if (_progress.Mark != _shownMark && _session.Database.Time.GetElapsedTime(_shownAt) > ShowEvery)
                    await TryAskAsync(ShowAsync).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // The turn is over.
        }
        catch (Exception e)
        {
            // Nobody looks any more, whatever the reason: a work that is not watched would be waited for in vain.
            LostBecause = e as ConnectionLostException ?? new ConnectionLostException(PostgreSqlErrors.MessageOf(e), e);
            await _lost.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task ShowAsync(CancellationToken cancellationToken)
    {
        (_shownMark, _shownAt) = (_progress.Mark, _session.Database.Time.GetTimestamp());
        await _side.ShowAsync(_progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task LookAtAsync(CancellationToken cancellationToken)
    {
        var number = _number;
        var seen = await _side.AskAsync(asked => _look.TakeAsync(asked, cancellationToken), cancellationToken).ConfigureAwait(false);
        Publish(number, seen);
        if (seen.Lock is not null && !_warm)
            await WarmUpAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Publish(long number, WorkLook.Seen seen)
    {
        lock (_publishing)
        {
            // What it waited for a moment ago says nothing of the statement that runs now.
            if (!_working || _number != number)
                return;
            _gone = seen.IsThere && seen.Idle < LongestUnanswered ? 0 : _gone + 1;

            // Between its end on the server and the answer to us it reports nothing.
            if (seen is { Lock: null, Activity: null })
                return;
            if (seen.Lock is { } wait)
            {
                _session.LastWait = wait with { Statement = _statement };
                _progress.Tell(new Progress.Waiting(wait.What, wait.Waited));
                return;
            }
            if (_session.LastWait?.Statement == _statement)
                _session.LastWait = null;
            _progress.Tell(new Progress.Waiting(null));
            _progress.Tell(new Progress.Doing(seen.Activity));
            if (seen.GetsOn)
                _progress.Advance();
        }
    }

    // Who blocks is asked once the wait has lasted StallAfter. The first such question takes long, the ones after it do not.
    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        _warm = true;
        await _side.AskAsync(asked => LockSnapshot.TakeAsync(asked, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // One look may come between the end of a backend and the news of it. A connection that is half open brings no news.
    private void ThrowIfGone()
    {
        if (_gone >= LooksUntilGone)
        {
            throw new ConnectionLostException(
                $"backend {_session.Pid}, which ran our statement, is gone from the server or has long been idle: its answer is lost");
        }
    }

    /// <summary>Asks, and opens the connection at the side anew if it has broken: the work itself may be well.</summary>
    /// <exception cref="ConnectionLostException">The server stays out of reach.</exception>
    private async Task TryAskAsync(Func<CancellationToken, Task> ask)
    {
        if (await AnsweredAsync(ask) is not { } broken)
            return;
        var time = _session.Database.Time;
        var since = time.GetTimestamp();
        while (await AnsweredAsync(_side.ReopenAsync) is not null)
        {
            if (time.GetElapsedTime(since) > LongestSilence)
                throw broken;
            await Task.Delay(_session.Database.PollInterval, time, _over.Token).ConfigureAwait(false);
        }
    }

    private async Task<ConnectionLostException?> AnsweredAsync(Func<CancellationToken, Task> ask)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        limit.CancelAfter(LongestAnswer);
        try
        {
            await ask(limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (ConnectionLostException lost)
        {
            return lost;
        }
        catch (OperationCanceledException) when (!_over.IsCancellationRequested)
        {
            return new ConnectionLostException($"the server did not answer for {Duration.Say(LongestAnswer)}");
        }
        catch (Npgsql.NpgsqlException refused)
        {
            return new ConnectionLostException(PostgreSqlErrors.MessageOf(refused), refused);
        }
    }
}
