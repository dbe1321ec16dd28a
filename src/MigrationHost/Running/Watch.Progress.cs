using MigrationHost.Databases;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>What the run and its database say while they work.</summary>
internal sealed partial class Watch : IRunProgress
{
    private Activity? _work;
    private Wait? _locks;
    private TimeSpan _lockSpentBeforeStatement;
    private long? _refusedSince;
    private int _furthest;
    private long _mark;
    private long _seenMark;

    /// <summary>
    /// The migration that has begun and is not over; null if there is none, or its engine says itself what becomes of it.
    /// </summary>
    public string? Under { get; set; }

    public long Mark => Interlocked.Read(ref _mark);

    public string Doing => _run.Running switch
    {
        { Statement: > 0 } running => $"applying {running.Version} {running.Description}, statement {running.Statement}",
        { } running => $"running {running.Version} {running.Description}",
        null => State.Phase.ToString(),
    };

    public TimeSpan LockAttempt => _locks?.Attempt(Timeouts.LockAttempt) ?? Timeouts.LockAttempt;

    public TimeSpan LockLeft => _locks?.Attempt(Timeouts.Lock) ?? Timeouts.Lock;

    /// <summary>A migration begins.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="description">Its description.</param>
    /// <param name="locks">The wait that all its waits for locks count in, those inside the database too.</param>
    /// <param name="file">Its script, if it is a file.</param>
    public void Begins(string version, string description, Wait? locks, string? file = null)
    {
        (_locks, Under, _furthest) = (locks, locks is null ? null : version, 0);
        Handle(new RunEvent.Reached(new RunningMigration
        {
            Version = version,
            Description = description,
            Statement = 0,
            Statements = null,
            Line = null,
            File = file,
            ElapsedMs = 0,
        }));
        Advance();
    }

    /// <summary>None of it is under way any more.</summary>
    /// <param name="done">Whether it is applied.</param>
    public void Ends(bool done)
    {
        Under = done ? null : Under;
        Handle(new RunEvent.Reached(null));
    }

    /// <summary>The wait that all waits for locks count in from now on, those inside the database too.</summary>
    public void CountLocksIn(Wait locks) => _locks = locks;

    /// <summary>One attempt at work, until the scope is disposed. What it waits for in between does not count.</summary>
    public Turned Work(Activity work)
    {
        _work = work;
        _refusedSince = null;
        return Turn(work, work.Budget);
    }

    public void Advance()
    {
        Interlocked.Increment(ref _mark);
        Resume();
    }

    public void Resume()
    {
        if (_refusedSince is null)
            return;
        _refusedSince = null;
        GoOn();
    }

    public bool MayTryAgain(string what)
    {
        if (_locks is not { } locks)
            return false;
        if (_refusedSince is null)
        {
            _refusedSince = _time.GetTimestamp();
            locks.What = what;
            TurnTo(locks.Doing(ActivityKind.Waiting));
        }
        return _time.GetElapsedTime(_refusedSince.Value) < Timeouts.LockAttempt
            && locks.Spent < locks.Budget.Limit
            && !CancelledWithin(locks.NextPause());
    }

    public void Tell(Progress progress)
    {
        switch (progress)
        {
            case Progress.Statement(var number, var total, var line):
                _lockSpentBeforeStatement = _locks?.Spent ?? TimeSpan.Zero;
                Handle(new RunEvent.Reached(
                    _run.Running is { } running ? running with { Statement = number, Statements = total, Line = line } : null));
                SeeReached(number);
                break;
            case Progress.Doing(var activity):
                Handle(new RunEvent.Shown(activity));
                break;
            case Progress.Waiting({ } what, var waited):
                SeeWaiting(what, waited);
                break;
            case Progress.Waiting:
                SeeGranted();
                break;
            case Progress.LockRefused(var ran):
                CountUnseen(ran);
                break;
            case Progress.Noted(var note):
                Log.Note(_logger, State.Name, note);
                break;
            case Progress.Warned(var warning):
                Log.Warning(_logger, State.Name, warning);
                break;
            case Progress.Said(var severity, var message):
                Log.ServerSaid(_logger, severity == "WARNING" ? LogLevel.Warning : LogLevel.Information, State.Name, severity, message);
                break;
        }
    }

    private void SeeReached(int statement)
    {
        if (statement <= _furthest)
        {
            Resume();
            return;
        }
        _furthest = statement;
        Advance();
    }

    private void SeeWaiting(string what, TimeSpan waited)
    {
        if (_locks is not { } locks)
            return;
        locks.What = what;
        var wait = locks.Doing(ActivityKind.Waiting);
        if (IsWaitingFor(locks))
            TurnTo(wait);
        else
            Handle(new RunEvent.FoundWaiting(wait, Now - waited));
    }

    private bool IsWaitingFor(Wait locks) => _run.Now.Waits && _run.Now.Budget == locks.Budget;

    private void SeeGranted()
    {
        if (_locks is not { } locks || !IsWaitingFor(locks))
            return;
        GoOn();
        Handle(new RunEvent.Granted(locks.Budget));
    }

    // Of the time that the statement ran, one attempt counts as waited, seen or not.
    private void CountUnseen(TimeSpan ran)
    {
        if (_locks is not { } locks)
            return;
        if (locks.What.Length == 0)
            locks.What = "a lock that the statement needs";
        GoOn();
        var waited = ran < Timeouts.LockAttempt ? ran : Timeouts.LockAttempt;
        if (waited - (locks.Spent - _lockSpentBeforeStatement) is var unseen && unseen > TimeSpan.Zero)
            Handle(new RunEvent.WaitedUnseen(locks.Budget, unseen, _run.Now.Budget));
    }

    private void GoOn()
    {
        if (_work is { } work && _run.Now.Waits)
            TurnTo(work);
    }

    private void SeeProgress()
    {
        if (Mark == _seenMark)
            return;
        _seenMark = Mark;
        Handle(new RunEvent.Progressed());
    }

    private bool CancelledWithin(TimeSpan pause) => Token.IsCancellationRequested || Token.WaitHandle.WaitOne(pause);
}
