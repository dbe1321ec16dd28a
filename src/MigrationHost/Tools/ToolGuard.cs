using MigrationHost.Engines;
using MigrationHost.Platform;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tools;

/// <summary>Looks after a running tool: evidence that it goes on, who is in its way, and how long it may still run.</summary>
/// <remarks>Output and CPU time are progress. Without either for <c>StallAfter</c> a diagnosis is taken; while that finds somebody in the way, the time counts as waiting for a lock, else as the tool's own work.</remarks>
internal sealed class ToolGuard : IWatchedWork
{
    // A look at /proc costs some microseconds for every process of the machine.
    private static readonly TimeSpan LongestSample = TimeSpan.FromMilliseconds(500);

    // A blocked tool wakes up now and then to try again: that costs it about a thousandth of a CPU.
    private const double LeastShareOfCpu = 0.03;
    private static readonly TimeSpan LeastCpu = TimeSpan.FromMilliseconds(20);

    private readonly Lock _changing = new();
    private readonly Watch _watch;
    private readonly ToolProcess _process;
    private readonly ToolAdvice _advice;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ToolDiagnostician _diagnostician;
    private readonly TimeSpan _stallAfter;
    private readonly TimeSpan _sampleEvery;
    private readonly TimeSpan _limit;

    private volatile ToolView _view;
    private long? _sampledAt;
    private (long At, TimeSpan Cpu) _anchor;
    private volatile ProcessTree? _tree;
    private ToolDiagnosis? _published;
    private volatile ToolStall? _blocked;

    public ToolGuard(Watch watch, ToolProcess process, ToolAdvice advice, Databases.IMigrationDatabase database, TimeSpan limit, TimeSpan lockSpent, TimeProvider time, ILogger logger)
    {
        _watch = watch;
        _process = process;
        _advice = advice;
        _limit = limit;
        _time = time;
        _logger = logger;
        _diagnostician = new ToolDiagnostician(watch.State.Name, database, () => [.. (_tree ?? ProcessTree.Empty).Processes.Select(one => one.Pid)], time, logger);
        _stallAfter = watch.Timeouts.StallAfter < watch.Timeouts.Lock ? watch.Timeouts.StallAfter : watch.Timeouts.Lock;
        _sampleEvery = _stallAfter / 3 < LongestSample ? _stallAfter / 3 : LongestSample;
        var now = time.GetTimestamp();
        _view = new ToolView(now, now) { LockSpent = lockSpent };
        _anchor = (now, TimeSpan.Zero);
    }

    /// <summary>Who was in its way last, at the migration that it came to: a driver that gives up its wait leaves nobody to be seen.</summary>
    public ToolStall? Blocked => _blocked;

    // After the grace the supervisor kills, which takes it moments, or is itself killed: only a machine without any time to spare needs longer.
    public TimeSpan ToLetGo => _watch.Timeouts.Grace + TimeSpan.FromSeconds(10);

    /// <remarks>Takes no lock: it is asked by those who are told of a change while this guard makes it.</remarks>
    public WaitStatus? WaitingFor => _view.WaitingFor(_process.Command.Name, _watch.Timeouts, _limit, _time);

    /// <summary>The tool has come to a migration: its time counts from here.</summary>
    /// <param name="another">Whether it is another one than it began with, so that earlier runs have not waited for it.</param>
    public void Restart(bool another)
    {
        lock (_changing)
        {
            GoesOnLocked();
            _blocked = null;
            _view = new ToolView(_time.GetTimestamp(), _view.ProgressAt) { LockSpent = another ? TimeSpan.Zero : _view.LockSpent };
        }
    }

    public MigrationError? Look()
    {
        lock (_changing)
        {
            if (_process.Completion.IsCompleted)
                return null;
            SampleLocked();
            if (_time.GetElapsedTime(_view.ProgressAt) > _stallAfter)
                StallsLocked();
            else
                GoesOnLocked();
            return _view is { Stall: { } stall, BlockedSince: not null } && _view.LockSpent + _view.Blocked(_time) >= _watch.Timeouts.Lock ? ToolErrors.Blocked(_process.Command, _watch.Timeouts.Lock, stall, _watch.State.Read())
                : _view.Work(_time) >= _limit ? ToolErrors.Deadline(_process.Command, _limit, _view.Stall, _advice, _watch.State.Read())
                : null;
        }
    }

    /// <summary>The tool has ended by itself.</summary>
    public void Over()
    {
        lock (_changing)
            GoesOnLocked();
    }

    private void SampleLocked()
    {
        var now = _time.GetTimestamp();
        var lines = _process.Lines;
        if (lines != _view.Lines)
        {
            _view = _view with { Lines = lines };
            ProgressLocked(now);
        }
        if (_sampledAt is { } last && _time.GetElapsedTime(last, now) < _sampleEvery || _process.Look() is not { } tree)
            return;
        _sampledAt = now;
        _tree = tree;
        _view = _view with { Cpu = tree.Cpu };
        var window = _time.GetElapsedTime(_anchor.At, now);
        if (tree.Cpu - _anchor.Cpu >= Least(window))
        {
            ProgressLocked(now);
            _anchor = (now, tree.Cpu);
        }
        else if (window > _stallAfter)
        {
            _anchor = (now, tree.Cpu);
        }
    }

    private static TimeSpan Least(TimeSpan window) => window * LeastShareOfCpu > LeastCpu ? window * LeastShareOfCpu : LeastCpu;

    private void ProgressLocked(long now)
    {
        _view = _view with { ProgressAt = now };
        _watch.Advance();
    }

    private void StallsLocked()
    {
        var since = _view.ProgressAt;
        if (_diagnostician.Look(since) is not { } diagnosis || diagnosis == _published)
            return;
        _published = diagnosis;
        var told = _view.Stall;
        var stall = ToolStall.Judge(_process.Command, _advice, diagnosis, _tree, _time.GetElapsedTime(since));
        var blockers = diagnosis.Locks.Blockers;
        if (diagnosis.Locks.Failed && _view.BlockedSince is not null)
            return;
        _view = (blockers.Count > 0 ? _view with { BlockedSince = _view.BlockedSince ?? since } : _view.Unblocked(_time)) with { Stall = stall };
        _blocked = blockers.Count > 0 ? stall : _blocked;
        _watch.State.Diagnosed(blockers, diagnosis.Locks.Report.DiagnosedAt);
        if (told is null || Key(diagnosis, told) != Key(diagnosis, stall))
            Log.ToolStalls(_logger, _watch.State.Name, stall.Reason, stall.Remedy is null ? "" : $". Remedy: {stall.Remedy}");
    }

    // How long a lock has been held grows with every look: that alone is no news.
    private static string Key(ToolDiagnosis diagnosis, ToolStall stall) =>
        diagnosis.Locks.Blockers.Count > 0 ? string.Join(',', diagnosis.Locks.Blockers.Select(blocker => $"{blocker.Pid} {blocker.Holds}")) : stall.Reason;

    private void GoesOnLocked()
    {
        if (_published is null)
            return;
        _published = null;
        _view = _view.Unblocked(_time) with { Stall = null };
        _watch.State.Unblocked();
        Log.ToolGoesOn(_logger, _watch.State.Name, _process.Command.Name);
    }
}
