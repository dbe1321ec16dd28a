using MigrationHost.Platform;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>
/// The watch over one attempt at one database: a lock around a <see cref="RunState"/>. The run says what it does, the
/// <see cref="Watchdog"/>'s thread says that time passes, and what follows is done here.
/// </summary>
/// <remarks>Nothing here waits: log lines and state changes are handed over, a cancel runs on a thread of its own.</remarks>
internal sealed partial class Watch : ILiveRun, IDisposable
{
    private static readonly TimeSpan LeastOwnWork = TimeSpan.FromMinutes(1);

    private readonly Lock _changing = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lookout _lookout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _began;
    private volatile RunState _run;

    /// <param name="state">Where the attempt shows its state.</param>
    /// <param name="timeouts">Its limits.</param>
    /// <param name="lookout">Finds out who is in the way of our own sessions.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it says what it sees.</param>
    /// <param name="stopping">The process is told to stop.</param>
    public Watch(AttemptState state, Timeouts timeouts, Lookout lookout, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        (State, Timeouts, _lookout, _time, _logger) = (state, timeouts, lookout, time, logger);
        _began = time.GetTimestamp();
        _run = new RunState { StallAfter = timeouts.StallAfter, Grace = timeouts.Grace, Now = OwnWork("MigrationHost itself") };
        Token = _cancel.Token;
        _stopping = stopping.Register(Stop);
    }

    public AttemptState State { get; }

    /// <summary>What the start leaves in a trace; null if it is no start.</summary>
    public RunTrace? Trace { get; init; }

    /// <summary>Its place among the databases that are worked on at a time; null if nobody counts them.</summary>
    public IDisposable? Place { get; init; }

    public Timeouts Timeouts { get; }

    /// <summary>Cancelled when the process stops, and when the watchdog ends the run.</summary>
    public CancellationToken Token { get; }

    /// <summary>Ends here what continues although the run must end.</summary>
    /// <exception cref="OperationCanceledException">The run must end.</exception>
    public void ThrowIfEnding()
    {
        if (_run.Ending is not null)
            throw new OperationCanceledException(Token);
    }

    /// <summary>Why the watchdog has ended the run; null if it has not.</summary>
    public Verdict? Verdict => _run.Ending?.Verdict;

    /// <summary>Completes when a cancelled run would not let go within its grace.</summary>
    public Task Abandoned => _abandoned.Task;

    public RunningMigration? Running => _run.RunningAt(Now);

    public WaitStatus? WaitingFor => _run.WaitingAt(Now, Mark);

    private TimeSpan Now => _time.GetElapsedTime(_began);

    /// <summary>How much of a budget is spent.</summary>
    public TimeSpan Spent(Budget budget) => _run.Spent(budget, Now);

    /// <summary>Work that is quick: a defect that makes it hang has a limit all the same.</summary>
    public Activity OwnWork(string what) =>
        new(
            ActivityKind.Working,
            what,
            new Budget(Timeouts.Migration > LeastOwnWork ? Timeouts.Migration : LeastOwnWork, MigrationErrorCode.Unexpected));

    /// <summary>
    /// An activity of our own sessions: who is in its way can be asked. A database that has yet to come up answers nothing but that
    /// once more, and each question would need one of the connections that are waited for.
    /// </summary>
    public Activity Lookable(ActivityKind kind, string what, Budget budget) => new(kind, what, budget)
    {
        Lookout = budget.WhenOver == MigrationErrorCode.DatabaseUnreachable ? null : _lookout,
    };

    /// <summary>A wait with a budget for all its rounds.</summary>
    public Wait NewWait(TimeSpan limit, MigrationErrorCode whenOver, TimeSpan pollInterval) =>
        new(this, new Budget(limit, whenOver), pollInterval, _time);

    /// <summary>The run does something else from now on.</summary>
    public void TurnTo(Activity activity) => Handle(new RunEvent.Turned(activity));

    /// <summary>The run does something else until the scope is disposed.</summary>
    /// <exception cref="OperationCanceledException">The run must end: one that was given up and comes back begins nothing.</exception>
    public Turned Turn(Activity activity) => Turn(activity, null);

    /// <summary>
    /// Reads files, on the thread of the run. Nothing can end a read that does not return, as on a network mount that is gone: it shows,
    /// and ends the run after <see cref="Timeouts.DatabaseWait"/> in which no file was read. Many take their time.
    /// </summary>
    /// <param name="all">What is read.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="files">Knows which of many files is being read.</param>
    public T Read<T>(string all, Func<T> read, FilesInHand? files = null)
    {
        var budget = new Budget(Timeouts.DatabaseWait, MigrationErrorCode.DatabaseUnreachable);
        var done = 0;
        var reading = new Activity(ActivityKind.Trying, RunErrors.ToBeRead(all), budget)
        {
            Failure = RunErrors.NotRead,
            Sample = () =>
            {
                if (files is { Done: var now } && now != done)
                {
                    done = now;
                    Handle(new RunEvent.Renewed(budget));
                }
                Handle(new RunEvent.Named(budget, RunErrors.ToBeRead(Stuck(files) ?? all)));
            },
        };
        T content;
        using (Turn(reading))
        {
            content = read();
            ThrowIfEnding();
        }
        Handle(new RunEvent.Closed(budget));
        return content;
    }

    /// <summary>The file that takes longer than any file should; null if none does.</summary>
    public string? Stuck(FilesInHand? files) => files?.HeldFor(Timeouts.StallAfter / 2);

    /// <summary>Looks at the run, on the watchdog's thread.</summary>
    public void Tick()
    {
        Sample();
        SeeProgress();
        Handle(new RunEvent.Ticked());
    }

    /// <summary>Takes in what has happened, and does what follows.</summary>
    public void Handle(RunEvent happened)
    {
        lock (_changing)
        {
            var now = Now;
            var (next, effects) = _run.On(happened, now);
            var turned = !ReferenceEquals(next.Now, _run.Now);
            if (turned)
                Trace?.Turned(next.Now, State.Phase);
            if (happened is RunEvent.Closed(var closed))
                Trace?.Closed(closed);
            if (turned || next.IsOver || next.Running?.Version != _run.Running?.Version)
                Note(next, turned ? now - next.Since : TimeSpan.Zero);
            _run = next;
            if (next.Stall is { Activity.Kind: not ActivityKind.Working })
                Place?.Dispose();
            foreach (var effect in effects)
                Do(effect);
        }
    }

    public void Dispose()
    {
        Handle(new RunEvent.Over());
        _stopping.Dispose();
    }

    private Turned Turn(Activity activity, Budget? itsOwn)
    {
        ThrowIfEnding();
        var before = _run.Now;
        TurnTo(activity);
        return new Turned(this, before, itsOwn);
    }

    private void Do(RunEffect effect)
    {
        switch (effect)
        {
            case RunEffect.Look(var lookout, var maxAge, var within):
                _ = LookAsync(lookout, maxAge, within);
                break;
            case RunEffect.Show(var finding):
                State.Diagnosed(finding.Locks.Blockers, finding.Locks.Report.DiagnosedAt);
                break;
            case RunEffect.Clear:
                State.Unblocked();
                Trace?.Gone();
                break;
            case RunEffect.SayWaiting(var what, var limit):
                Log.Waiting(_logger, State.Name, what, Duration.Say(limit));
                break;
            case RunEffect.SayFound(var finding):
                Trace?.Found(finding);
                Say(finding);
                break;
            case RunEffect.SayOver(var stall, var after):
                SayOver(stall, after);
                break;
            case RunEffect.Cancel:
                Cancel();
                break;
            case RunEffect.Abandon:
                _abandoned.TrySetResult();
                break;
        }
    }

    // A wait that is seen late began a while ago.
    private void Note(RunState run, TimeSpan ago)
    {
        var at = _time.GetUtcNow() - ago;
        if (run.IsOver)
            State.Note(timeline => timeline.End(at));
        else
            State.Note(timeline => timeline.Turn(run.Now.Waits, run.Running?.Version, run.Now.What, at));
    }

    private void SayOver(Stall stall, TimeSpan after)
    {
        if (stall.Latest?.Tool is { } tool)
            Log.ToolGoesOn(_logger, State.Name, tool);
        else if (stall.Activity.WhenBlocked is null)
            Log.WaitOver(_logger, State.Name, stall.Activity.What, Duration.Say(after));
    }

    private void Say(Finding finding)
    {
        if (finding.Tool is not null)
            Log.ToolStalls(_logger, State.Name, finding.Reason ?? "", finding.Remedy is null ? "" : $". Remedy: {finding.Remedy}");
        else if (finding.Names)
            Log.Blocked(_logger, State.Name, finding.Reason ?? "", finding.Remedy ?? "");
        else
            Log.BlockedByNobodySeen(_logger, State.Name, _run.Now.What, finding.Reason ?? "");
    }

    // A defect there must end that run, and not the watchdog, which others need.
    private void Sample()
    {
        var now = _run.Now;
        try
        {
            now.Sample?.Invoke();
        }
        catch (Exception e)
        {
            Log.Unexpected(_logger, State.Name, e);
            TurnTo(now with { Sample = null });
        }
    }

    private async Task LookAsync(Lookout lookout, TimeSpan maxAge, TimeSpan within) =>
        Handle(new RunEvent.Looked(await lookout(maxAge, within).ConfigureAwait(false)));

    private void Stop()
    {
        Handle(new RunEvent.ToldToStop());
        Cancel();
    }

    // On a thread of its own: what runs when a token is cancelled may be the run itself, going on. The source is never disposed, so that an
    // abandoned run still finds its token cancelled.
    private void Cancel() => BackgroundThread.Start("migrationhost-cancel", _cancel.Cancel, e => Log.CancelFailed(_logger, State.Name, e));

    /// <summary>An activity that ends with the scope.</summary>
    internal readonly struct Turned(Watch watch, Activity before, Budget? ended = null) : IDisposable
    {
        public void Dispose()
        {
            watch.TurnTo(before);
            if (ended is not null)
                watch.Handle(new RunEvent.Closed(ended));
        }
    }
}
