using MigrationHost.Engines;
using MigrationHost.Platform;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Child;

/// <summary>Turns what a migrating child process says into the state of this one, and ends it if it says nothing any more.</summary>
/// <remarks>The child has a watchdog and keeps all limits itself. What it cannot do is end a process that does not run at all.</remarks>
internal sealed class ChildEvents(Watch watch, string program, bool showStatements, TimeProvider time, ILogger logger)
    : IWatchedWork, IDisposable
{
    // It says something four times a second. A machine that slept, or is very busy, may be late.
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _deadAfter = watch.Timeouts.Migration < DeadAfter ? watch.Timeouts.Migration : DeadAfter;
    private long _heardAt = time.GetTimestamp();
    private IDisposable? _known;
    private volatile bool _greeted;
    private int _strange;
    private MigrationError? _refusal;
    private DatabaseStatus? _summary;
    private volatile DatabaseStatus? _latest;

    public TimeSpan ToLetGo => watch.Timeouts.Grace + TimeSpan.FromSeconds(5);

    public RunningMigration? Running => _latest?.Running;

    public WaitStatus? WaitingFor => Silence() is var silence && silence > watch.Timeouts.StallAfter
        ? new WaitStatus
        {
            What = "a sign of life of the child process that migrates",
            ElapsedMs = (long)silence.TotalMilliseconds,
            LimitMs = (long)Patience.TotalMilliseconds,
            Activity = "none: it is stopped, or hangs as a whole",
        }
        : _latest?.WaitingFor;

    // Its start is not the migration's work.
    private TimeSpan Patience => _greeted ? _deadAfter : DeadAfter;

    public MigrationError? Look() => Silence() < Patience ? null : ChildErrors.Silent(Patience, watch.State.Read());

    /// <summary>Takes in one line of its standard output. Never throws: whatever a line is, the next ones count.</summary>
    /// <returns>False if the process is not a child of this version, and is to be ended.</returns>
    public bool Hear(string line)
    {
        if (!_greeted)
            return Greet(line);
        if (ChildJson.Read(line) is not { } message)
        {
            // It may be a secret, so it is not shown.
            if (_strange++ == 0)
                Log.ChildNotUnderstood(logger, watch.State.Name, line.Length);
            return true;
        }
        Interlocked.Exchange(ref _heardAt, time.GetTimestamp());
        Take(message);
        return true;
    }

    /// <summary>Why the run did not reach its target; null if it did.</summary>
    /// <param name="exit">How the process ended.</param>
    public MigrationError? Outcome(ToolExit exit) =>
        _refusal is not null ? _refusal with { Output = exit.LastLines }
        : _summary?.Error is { } error ? error
        : _summary is { Phase: MigrationPhase.Ready } ? null
        : _greeted || exit.Signal is not null ? ChildErrors.NoSummary(exit, _strange, watch.State.Read())
        : ChildErrors.AnotherVersion(program, null, exit);

    public void Dispose() => _known?.Dispose();

    private bool Greet(string line)
    {
        if (_refusal is not null)
            return false;
        var version = ChildProtocol.VersionIn(line, out var pid);
        _greeted = version == ChildProtocol.Version;
        if (_greeted)
            _known = OwnChildren.Add(pid);
        else
            _refusal = ChildErrors.AnotherVersion(program, version, null);
        Interlocked.Exchange(ref _heardAt, time.GetTimestamp());
        return _greeted;
    }

    private void Take(ChildMessage message)
    {
        switch (message)
        {
            case { Applied: { } applied }:
                watch.Advance();
                watch.State.MirrorApplied(applied);
                break;
            case { Status: { } status }:
                Mirror(status, whole: true);
                break;
            case { Progress: { } status }:
                Mirror(status, whole: false);
                break;
            case { Log: { } said }:
                Log.ChildSaid(logger, said.Level, said.Text);
                break;
            case { Refused: { } problems }:
                _refusal = ChildErrors.Refused(problems);
                break;
            case { Summary: { } status }:
                _summary = status;
                Mirror(status with { Phase = watch.State.Phase, Blocked = false }, whole: true);
                break;
        }
    }

    private void Mirror(DatabaseStatus status, bool whole)
    {
        status = status with { Blockers = [.. status.Blockers.Select(Seen)] };
        if (status.Running != _latest?.Running)
            watch.Advance();
        _latest = status;

        // How it ended is for the run to say.
        if (status.Phase is > MigrationPhase.Stopped and < MigrationPhase.Ready)
            watch.State.Mirror(status, whole);
    }

    // To the child this process is another one.
    private Blocker Seen(Blocker blocker) => blocker with
    {
        ThisProcess = watch.State.Read().Provider == DatabaseProvider.Sqlite && blocker.Pid == Environment.ProcessId,
        Statement = showStatements ? blocker.Statement : null,
    };

    private TimeSpan Silence() => time.GetElapsedTime(Interlocked.Read(ref _heardAt));
}
