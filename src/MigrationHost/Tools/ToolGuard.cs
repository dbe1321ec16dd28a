using MigrationHost.Engines;
using MigrationHost.Platform;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tools;

/// <summary>Looks after a running tool: evidence that it goes on, who is in its way, and how long it may still run.</summary>
/// <remarks>Output and CPU time are progress. Without either for <c>StallAfter</c> a diagnosis is taken; while that finds somebody in the way, the time counts as waiting for a lock, else as the tool's own work.</remarks>
internal sealed class ToolGuard : IWatchedWork
{
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(200);

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
    private readonly TimeSpan _limit;

    private TimeSpan _lockSpent;
    private long _began;
    private long _progressAt;
    private long? _sampledAt;
    private long _lines;
    private (long At, TimeSpan Cpu) _anchor;
    private volatile ProcessTree? _tree;
    private TimeSpan _blockedBefore;
    private long? _blockedSince;
    private ToolDiagnosis? _published;
    private ToolStall? _stall;

    public ToolGuard(Watch watch, ToolProcess process, ToolAdvice advice, Databases.IMigrationDatabase database, TimeSpan limit, TimeSpan lockSpent, TimeProvider time, ILogger logger)
    {
        _watch = watch;
        _process = process;
        _advice = advice;
        _limit = limit;
        _lockSpent = lockSpent;
        _time = time;
        _logger = logger;
        _diagnostician = new ToolDiagnostician(watch.State.Name, database, () => [.. (_tree ?? ProcessTree.Empty).Processes.Select(one => one.Pid)], time, logger);
        _stallAfter = watch.Timeouts.StallAfter < watch.Timeouts.Lock ? watch.Timeouts.StallAfter : watch.Timeouts.Lock;
        _began = _progressAt = time.GetTimestamp();
        _anchor = (_began, TimeSpan.Zero);
    }

    // After the grace the supervisor kills, which takes it moments; if it does not, it is itself killed a second later.
    public TimeSpan ToLetGo => _watch.Timeouts.Grace + TimeSpan.FromSeconds(3);

    public WaitStatus? WaitingFor
    {
        get
        {
            lock (_changing)
            {
                var work = WorkLocked();
                return _blockedSince is not null ? Status($"the lock that {_process.Command.Name} needs", _lockSpent + BlockedLocked(), _watch.Timeouts.Lock, "waiting")
                    : work > _watch.Timeouts.StallAfter ? Status($"{_process.Command.Name} to finish", work, _limit, ActivityLocked())
                    : null;
            }
        }
    }

    /// <summary>The tool has come to a migration: its time counts from here.</summary>
    /// <param name="another">Whether it is another one than it began with, so that earlier runs have not waited for it.</param>
    public void Restart(bool another)
    {
        lock (_changing)
        {
            if (another)
                _lockSpent = TimeSpan.Zero;
            GoesOnLocked();
            _began = _time.GetTimestamp();
            _blockedBefore = TimeSpan.Zero;
        }
    }

    public MigrationError? Look()
    {
        lock (_changing)
        {
            if (_process.Completion.IsCompleted)
                return null;
            SampleLocked();
            if (_time.GetElapsedTime(_progressAt) > _stallAfter)
                StallsLocked();
            else
                GoesOnLocked();
            return _blockedSince is not null && _lockSpent + BlockedLocked() >= _watch.Timeouts.Lock ? ToolErrors.Blocked(_process.Command, _watch.Timeouts.Lock, _stall!, _watch.State.Read())
                : WorkLocked() >= _limit ? ToolErrors.Deadline(_process.Command, _limit, _stall, _advice, _watch.State.Read())
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
        if (_sampledAt is { } last && _time.GetElapsedTime(last) < SampleEvery)
            return;
        var now = _time.GetTimestamp();
        _sampledAt = now;
        var lines = _process.Lines;
        if (lines != _lines)
            ProgressLocked(now);
        _lines = lines;

        if (_process.Look() is not { } tree)
            return;
        _tree = tree;
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
        _progressAt = now;
        _watch.Advance();
    }

    private void StallsLocked()
    {
        if (_diagnostician.Look(_progressAt) is not { } diagnosis || diagnosis == _published)
            return;
        _published = diagnosis;
        var blockers = diagnosis.Locks.Blockers;
        if (blockers.Count > 0)
            _blockedSince ??= _progressAt;
        else
            UnblockLocked();
        _watch.State.Diagnosed(blockers, diagnosis.Locks.Report.DiagnosedAt);

        var told = _stall;
        _stall = ToolStall.Judge(_process.Command, _advice, diagnosis, _tree, _time.GetElapsedTime(_progressAt));
        if (told is null || Key(diagnosis, told) != Key(diagnosis, _stall))
            Log.ToolStalls(_logger, _watch.State.Name, _stall.Reason, _stall.Remedy is null ? "" : $". Remedy: {_stall.Remedy}");
    }

    // How long a lock has been held grows with every look: that alone is no news.
    private static string Key(ToolDiagnosis diagnosis, ToolStall stall) =>
        diagnosis.Locks.Blockers.Count > 0 ? string.Join(',', diagnosis.Locks.Blockers.Select(blocker => $"{blocker.Pid} {blocker.Holds}")) : stall.Reason;

    private void GoesOnLocked()
    {
        if (_published is null)
            return;
        UnblockLocked();
        (_published, _stall) = (null, null);
        _watch.State.Unblocked();
        Log.ToolGoesOn(_logger, _watch.State.Name, _process.Command.Name);
    }

    private void UnblockLocked()
    {
        _blockedBefore = BlockedLocked();
        _blockedSince = null;
    }

    private TimeSpan BlockedLocked() => _blockedBefore + (_blockedSince is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero);

    private TimeSpan WorkLocked() => _time.GetElapsedTime(_began) - BlockedLocked();

    private string ActivityLocked()
    {
        var silent = _time.GetElapsedTime(_progressAt);
        var evidence = $"{(_tree is { } tree ? $"{Duration.Say(tree.Cpu)} of CPU time, " : "")}{_lines:N0} lines of output";
        return _stall is not null ? $"{_stall.Reason} ({evidence})"
            : $"running, {evidence}{(silent > SampleEvery * 2 ? $", last sign of life {Duration.Say(silent)} ago" : "")}";
    }

    private static WaitStatus Status(string what, TimeSpan elapsed, TimeSpan limit, string activity) => new()
    {
        What = what,
        ElapsedMs = (long)elapsed.TotalMilliseconds,
        LimitMs = (long)limit.TotalMilliseconds,
        Activity = activity,
    };
}
