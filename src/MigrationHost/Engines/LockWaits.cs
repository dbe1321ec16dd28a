namespace MigrationHost.Engines;

/// <summary>The waits of one migration for locks of others inside its statements and its commit: whichever way a database has of waiting, they show, are limited, and count as waits and not as work.</summary>
/// <param name="watch">The watch over the run.</param>
/// <param name="wait">The wait that all of the migration's waits for locks count in.</param>
internal sealed class LockWaits(Watch watch, Wait wait)
{
    private TimeSpan? _refusedSince;
    private TimeSpan _beforeStatement;

    /// <summary>For how long a statement may wait.</summary>
    public TimeSpan Attempt => wait.Attempt(watch.Timeouts.LockAttempt);

    /// <summary>A statement begins.</summary>
    public void StatementStarted() => _beforeStatement = wait.Clock.Elapsed;

    /// <summary>Refused in the middle of a statement: sleeps for a moment.</summary>
    /// <param name="what">What is waited for, in words.</param>
    /// <returns>Whether to try again.</returns>
    public bool Refused(string what)
    {
        if (_refusedSince is null)
        {
            _refusedSince = wait.Clock.Elapsed;
            wait.What = what;
            watch.Waits(wait);
        }
        return wait.Clock.Elapsed - _refusedSince < watch.Timeouts.LockAttempt && wait.Clock.Elapsed < wait.Limit && !watch.CancelledWithin(wait.NextPause());
    }

    /// <summary>Work goes on: what was refused is granted, or given up.</summary>
    public void Advance()
    {
        if (_refusedSince is null)
            return;
        _refusedSince = null;
        watch.GoesOn(wait);
    }

    /// <summary>Seen to wait for something inside the server, or no longer.</summary>
    /// <param name="what">What it waits for; null where it waits no longer.</param>
    /// <param name="waited">For how long it had waited when it was seen.</param>
    public void Seen(string? what, TimeSpan waited)
    {
        if (what is not null)
        {
            wait.What = what;
            if (wait.Clock.IsRunning)
                return;
            CountUnseen(waited);
            watch.Waits(wait);
        }
        else if (wait.Clock.IsRunning)
        {
            watch.GoesOn(wait);
            watch.Ends(wait);
        }
    }

    /// <summary>The server has ended a statement that waited for too long: of the time it ran, one attempt counts as waited, seen or not.</summary>
    public void EndedByServer(TimeSpan ran)
    {
        if (wait.What.Length == 0)
            wait.What = "a lock that the statement needs";
        watch.GoesOn(wait);
        CountUnseen(ran < watch.Timeouts.LockAttempt ? ran : watch.Timeouts.LockAttempt);
    }

    // Of what this statement has waited, some may be counted already.
    private void CountUnseen(TimeSpan waited)
    {
        if (waited - (wait.Clock.Elapsed - _beforeStatement) is var unseen && unseen > TimeSpan.Zero)
            wait.Clock.Add(unseen);
    }
}
