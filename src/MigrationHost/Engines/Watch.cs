using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>The watch over one attempt at one database: what the run says it is doing, and what follows when that takes too long.</summary>
/// <remarks>The run tells (<see cref="Begins(MigrationScript, Wait)"/>, <see cref="Waits"/>, <see cref="Advance"/>), the <see cref="Watchdog"/>'s thread looks (<see cref="Tick"/>).</remarks>
internal sealed class Watch : IRunProgress, ILiveRun, IDisposable
{
    /// <summary>A failure that names nobody is worth another second or two.</summary>
    private static readonly TimeSpan LongestSecondLook = TimeSpan.FromSeconds(2);

    private readonly Lock _changing = new();
    private readonly CancellationTokenSource _cancel;
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Diagnostician _diagnostician;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StallReport _stall;
    private readonly Clock _work;

    private TimeSpan _workLimit = Timeout.InfiniteTimeSpan;
    private Wait? _wait;
    private bool _workPausedByWait;
    private LockWaits? _locks;
    private string? _activity;
    private MigrationScript? _script;
    private volatile IWatchedWork? _tool;
    private RunningMigration? _running;
    private long _runningSince;
    private long _mark;
    private long _seenMark;
    private long _progressAt;
    private long _wentOnAt;
    private long? _overSince;
    private Task<LockDiagnosis>? _lastDiagnosis;
    private long? _cancelledAt;

    public Watch(DatabaseState state, Timeouts timeouts, Diagnostician diagnostician, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        State = state;
        Timeouts = timeouts;
        _diagnostician = diagnostician;
        _time = time;
        _logger = logger;
        _work = new Clock(time);
        _stall = new StallReport(state, diagnostician, logger);
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Token = _cancel.Token;
        _progressAt = time.GetTimestamp();
    }

    public DatabaseState State { get; }

    public Timeouts Timeouts { get; }

    /// <summary>Cancelled when the process stops, and when the watchdog ends the run.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why the watchdog has ended the run; null where it has not.</summary>
    public MigrationError? Verdict { get; private set; }

    /// <summary>Completes when a cancelled run would not let go within its grace.</summary>
    public Task Abandoned => _abandoned.Task;

    public long Mark => Interlocked.Read(ref _mark);

    public string Doing => Running is { } running ? _tool is not null ? $"running {running.Version} {running.Description}" : $"applying {running.Version} {running.Description}, statement {running.Statement}" : State.Phase.ToString();

    public RunningMigration? Running
    {
        get
        {
            // Asked outside the lock: it has locks of its own.
            if (_tool?.Running is { } known)
                return known;
            lock (_changing)
                return _running is null ? null : _running with { ElapsedMs = (long)_time.GetElapsedTime(_runningSince).TotalMilliseconds };
        }
    }

    public WaitStatus? WaitingFor
    {
        get
        {
            lock (_changing)
            {
                if (_wait is not null)
                    return Describe(_wait.What, _wait.Clock.Elapsed, _wait.Limit, "waiting");
                if (_tool is null)
                {
                    return _running is not null && _work.Elapsed > Timeouts.StallAfter
                        ? Describe(CurrentStatement(), _work.Elapsed, _workLimit, _activity ?? $"running, {_mark:N0} steps of work so far")
                        : null;
                }
            }
            return _tool?.WaitingFor;
        }
    }

    /// <summary>A wait with a limit for all its rounds, visible from its first refusal on.</summary>
    public Wait NewWait(TimeSpan limit, MigrationErrorCode whenOver, TimeSpan pollInterval) => new(this, limit, whenOver, pollInterval, _time);

    /// <summary>A migration begins.</summary>
    /// <param name="script">The script.</param>
    /// <param name="locks">The wait that all its waits for locks count in, those inside the database too.</param>
    public void Begins(MigrationScript script, Wait locks)
    {
        lock (_changing)
        {
            _script = script;
            CountLocksIn(locks);
            _running = new RunningMigration { Version = script.Version.ToString(), Description = script.Description, Statement = 0, Statements = null, Line = null, ElapsedMs = 0 };
            _runningSince = _time.GetTimestamp();
        }
    }

    /// <summary>The wait that all waits for locks count in from now on, those inside the database too.</summary>
    public void CountLocksIn(Wait locks) => _locks = new LockWaits(this, locks);

    /// <summary>Work begins that is asked by itself how far it may go.</summary>
    public void Begins(IWatchedWork work) => _tool = work;

    /// <summary>Work that is asked by itself has come to another migration.</summary>
    public void Now(string version, string description)
    {
        lock (_changing)
        {
            _running = new RunningMigration { Version = version, Description = description, Statement = 0, Statements = null, Line = null, ElapsedMs = 0 };
            _runningSince = _time.GetTimestamp();
        }
        Advance();
    }

    /// <summary>An attempt at its work begins; what it waits for in between does not count.</summary>
    public void Works(TimeSpan limit)
    {
        lock (_changing)
        {
            _workLimit = limit;
            _work.Restart();
            _work.Start();
            _progressAt = _time.GetTimestamp();
        }
    }

    /// <summary>The attempt at its work is over, with success or without.</summary>
    public void Rests() => _work.Pause();

    /// <summary>The migration is over.</summary>
    public void Ended()
    {
        lock (_changing)
        {
            // Where a tool was ended, its grace was the tool's own: what else there is to let go gets it as well.
            if (_tool is not null)
                _cancelledAt = null;
            (_running, _tool) = (null, null);
        }
        _work.Pause();
        _work.Restart();
    }

    public void StatementStarted(int number, int? total, int line)
    {
        lock (_changing)
        {
            _running = _running is null ? null : _running with { Statement = number, Statements = total, Line = line };
            _activity = null;
        }
        _locks?.StatementStarted();
        Advance();
    }

    public void Advance()
    {
        Interlocked.Increment(ref _mark);
        _locks?.Advance();
    }

    public TimeSpan LockAttempt => _locks?.Attempt ?? Timeouts.LockAttempt;

    public bool Refused(string what) => _locks?.Refused(what) ?? false;

    public void WaitsForLock(string? what, TimeSpan waited) => _locks?.Seen(what, waited);

    public void LockRefused(TimeSpan ran) => _locks?.EndedByServer(ran);

    /// <summary>Sleeps for a moment.</summary>
    /// <returns>Whether the run was cancelled meanwhile.</returns>
    public bool CancelledWithin(TimeSpan pause)
    {
        try
        {
            return Token.IsCancellationRequested || Token.WaitHandle.WaitOne(pause);
        }
        catch (ObjectDisposedException)
        {
            // Abandoned in the meantime: nobody waits for the outcome.
            return true;
        }
    }

    public void Does(string? activity)
    {
        lock (_changing)
            _activity = activity;
    }

    public void Said(string severity, string message) => Log.ServerSaid(_logger, severity == "WARNING" ? LogLevel.Warning : LogLevel.Information, State.Name, severity, message);

    /// <summary>A wait was refused and goes round.</summary>
    public void Waits(Wait wait)
    {
        lock (_changing)
        {
            _wait = wait;
            _workPausedByWait = _work.IsRunning;
        }
        _work.Pause();
        wait.Clock.Start();
    }

    /// <summary>A round of a wait is over: granted, or to be tried another way. It still shows for a while, since the next round may follow at once.</summary>
    public void GoesOn(Wait wait)
    {
        wait.Clock.Pause();
        Interlocked.Exchange(ref _wentOnAt, _time.GetTimestamp());
        if (_workPausedByWait)
            _work.Start();
    }

    /// <summary>A wait is over.</summary>
    public void Ends(Wait wait)
    {
        lock (_changing)
        {
            if (_wait == wait)
                _wait = null;
        }
        _stall.Over(wait.Clock.Elapsed);
    }

    /// <summary>The error of a wait whose time is up, with a last look at who is in the way.</summary>
    public async Task<MigrationException> OutOfTimeAsync(Wait wait)
    {
        var diagnosis = await _diagnostician.TakeAsync(TimeSpan.Zero).ConfigureAwait(false);
        if (diagnosis.Failed && !_stall.KnowsWho)
            diagnosis = await _diagnostician.TakeAsync(TimeSpan.Zero, LongestSecondLook).ConfigureAwait(false);
        return new MigrationException(RunErrors.OutOfTime(wait, _stall.Conclude(diagnosis), State.Read()));
    }

    /// <summary>Looks at the run, on the watchdog's thread.</summary>
    public void Tick()
    {
        if (Token.IsCancellationRequested)
        {
            lock (_changing)
            {
                _cancelledAt ??= _time.GetTimestamp();
                if (_time.GetElapsedTime(_cancelledAt.Value) > (_tool?.ToLetGo ?? Timeouts.Grace))
                    _abandoned.TrySetResult();
            }
            return;
        }

        if (Mark != _seenMark)
            (_seenMark, _progressAt) = (Mark, _time.GetTimestamp());
        Wait? wait;
        lock (_changing)
            wait = _wait;
        var waiting = wait is not null && wait.Clock.IsRunning;
        if (!waiting && _tool is { } tool)
        {
            if (Ask(tool) is { } verdict)
                EndRun(verdict);
            return;
        }
        if (wait is not null && !waiting && _work.IsRunning && _time.GetElapsedTime(Interlocked.Read(ref _wentOnAt)) > Timeouts.StallAfter)
            Ends(wait);
        var (elapsed, limit) = waiting ? (wait!.Clock.Elapsed, wait.Limit + Timeouts.LockAttempt) : (_work.Elapsed, _workLimit);
        if (limit != Timeout.InfiniteTimeSpan && elapsed > limit)
            EndRun(waiting ? wait : null);
        else if (waiting ? elapsed > Timeouts.StallAfter : _work.IsRunning && _time.GetElapsedTime(_progressAt) > Timeouts.StallAfter)
            _stall.Look(waiting ? wait!.What : CurrentStatement(), waiting ? wait!.Limit : limit, () => waiting ? _wait == wait : _work.IsRunning);
        else if (wait is null)
            _stall.Over(elapsed);
    }

    public void Dispose() => _cancel.Dispose();

    private string CurrentStatement() => $"statement {_running?.Statement} of migration {_running?.Version} to finish";

    // A defect there must end that run, and not the watchdog, which others need.
    private MigrationError? Ask(IWatchedWork work)
    {
        try
        {
            return work.Look();
        }
        catch (Exception e)
        {
            Log.Unexpected(_logger, State.Name, e);
            return new MigrationError { Code = MigrationErrorCode.Unexpected, Message = $"unexpected failure of the watch: {e.GetType().Name}: {e.Message}", Hint = "This is a defect in MigrationHost; the log has the stack trace." };
        }
    }

    // A last look at who is in the way, for at most a second; then the verdict, then the cancel.
    private void EndRun(Wait? wait)
    {
        _overSince ??= _time.GetTimestamp();
        _lastDiagnosis ??= _diagnostician.TakeAsync(TimeSpan.Zero);
        if (!_lastDiagnosis.IsCompleted && _time.GetElapsedTime(_overSince.Value) < TimeSpan.FromSeconds(1.5))
            return;
        var diagnosis = _stall.Conclude(_lastDiagnosis.IsCompletedSuccessfully ? _lastDiagnosis.Result : null);
        EndRun(wait is not null ? RunErrors.OutOfTime(wait, diagnosis, State.Read()) : RunErrors.Deadline(_script!, _workLimit, diagnosis, State.Read()));
    }

    private void EndRun(MigrationError verdict)
    {
        Verdict = verdict;
        Log.Cancelling(_logger, State.Name, Verdict.Message, Duration.Say(Timeouts.Grace));

        // On a thread of its own: what runs when a token is cancelled may be the run itself, going on.
        new Thread(Cancel) { IsBackground = true, Name = "migrationhost-cancel" }.Start();
    }

    private void Cancel()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has ended by itself in the meantime.
        }
    }

    private static WaitStatus Describe(string what, TimeSpan elapsed, TimeSpan limit, string activity) => new()
    {
        What = what,
        ElapsedMs = (long)elapsed.TotalMilliseconds,
        LimitMs = (long)limit.TotalMilliseconds,
        Activity = activity,
    };
}
