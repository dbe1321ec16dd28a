using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Child;

/// <summary>Turns what a migrating child process says into the state of this one, and ends it if it says nothing any more.</summary>
/// <remarks>The child has a watchdog and keeps all limits itself. What it cannot do is end a process that does not run at all.</remarks>
internal sealed class ChildEvents : IDisposable
{
    // It says something four times a second. A machine that slept, or is very busy, may be late.
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastSilence = TimeSpan.FromSeconds(1);

    // After its grace the child ends, or its supervisor ends it.
    private static readonly TimeSpan AfterGrace = TimeSpan.FromSeconds(5);

    private readonly Watch _watch;
    private readonly string _program;
    private readonly bool _showStatements;
    private readonly bool _holdersAreProcesses;
    private readonly ILogger _logger;
    private readonly Watch.Turned _turned;
    private Activity _hearing;
    private IDisposable? _known;
    private volatile bool _greeted;
    private int _strange;
    private MigrationError? _refusal;
    private DatabaseStatus? _summary;
    private RunningMigration? _running;

    /// <param name="watch">The watch over the run.</param>
    /// <param name="program">The child's program.</param>
    /// <param name="showStatements">Whether statements may be shown.</param>
    /// <param name="holdersAreProcesses">Whether those who hold locks are processes of this system, and not sessions of a server.</param>
    /// <param name="logger">Takes what the child logs.</param>
    public ChildEvents(Watch watch, string program, bool showStatements, bool holdersAreProcesses, ILogger logger)
    {
        (_watch, _program, _logger) = (watch, program, logger);
        (_showStatements, _holdersAreProcesses) = (showStatements, holdersAreProcesses);
        _turned = watch.Turn(_hearing = Hearing("the child process that migrates to start", DeadAfter));
    }

    /// <summary>Takes in one line of its standard output. Never throws: whatever a line is, the next ones count.</summary>
    /// <returns>False if the process is not a child of this version, and must be ended.</returns>
    public bool Hear(string line)
    {
        if (!_greeted)
            return Greet(line);
        if (ChildJson.Read(line) is not { } message)
        {
            // It may be a secret, so it is not shown.
            if (_strange++ == 0)
                Log.ChildNotUnderstood(_logger, _watch.State.Name, line.Length);
            return true;
        }
        _watch.Handle(new RunEvent.Renewed(_hearing.Budget));
        Take(message);
        return true;
    }

    /// <summary>Why the run did not reach its target; null if it did.</summary>
    /// <param name="exit">How the process ended.</param>
    public MigrationError? Outcome(ToolExit exit) =>
        _refusal is not null ? _refusal with { Output = exit.LastLines }
        : _summary?.Error is { } error ? error
        : _summary is { Phase: MigrationPhase.Ready } ? null
        : _greeted || exit.Signal is not null ? ChildErrors.NoSummary(exit, _strange, _watch.State.Read())
        : ChildErrors.AnotherVersion(_program, null, exit);

    public void Dispose()
    {
        _turned.Dispose();
        _known?.Dispose();
    }

    private bool Greet(string line)
    {
        if (_refusal is not null)
            return false;
        var version = ChildProtocol.VersionIn(line, out var pid);
        _greeted = version == ChildProtocol.Version;
        if (!_greeted)
        {
            _refusal = ChildErrors.AnotherVersion(_program, version, null);
            return false;
        }
        _known = OwnChildren.Add(pid);
        var patience = _watch.Timeouts.Migration < DeadAfter ? _watch.Timeouts.Migration : DeadAfter;
        _watch.TurnTo(_hearing = Hearing("a sign of life of the child process that migrates", patience));
        _watch.Handle(new RunEvent.Shown("none: it is stopped, or hangs as a whole"));
        return true;
    }

    private void Take(ChildMessage message)
    {
        switch (message)
        {
            case { Applied: { } applied }:
                _watch.Advance();
                _watch.State.Committed(applied);
                break;
            case { Status: { } status }:
                Mirror(status, whole: true, message.AppliedBefore);
                break;
            case { Progress: { } status }:
                Mirror(status, whole: false);
                break;
            case { Log: { } said }:
                Log.ChildSaid(_logger, said.Level, said.Text);
                break;
            case { Refused: { } problems }:
                _refusal = ChildErrors.Refused(problems);
                break;
            case { Summary: { } status }:
                _summary = status;
                Mirror(status with { Phase = _watch.State.Phase, Blocked = false }, whole: true, message.AppliedBefore);
                break;
        }
    }

    private void Mirror(DatabaseStatus status, bool whole, int? appliedBefore = null)
    {
        status = status with { Blockers = [.. status.Blockers.Select(Seen)] };
        if (status.Running != _running)
            _watch.Advance();
        _running = status.Running;
        _watch.Handle(new RunEvent.Mirrored(status.Running, status.WaitingFor));

        // What becomes of a migration it says itself, unless it ends before.
        _watch.Under = _summary is null ? status.Running?.Version : null;

        // How it ended is for the run to say.
        if (status.Phase is > MigrationPhase.Stopped and < MigrationPhase.Ready)
            _watch.State.Mirror(status, whole, appliedBefore);
    }

    // To the child this process is another one.
    private Blocker Seen(Blocker blocker) => blocker with
    {
        ThisProcess = _holdersAreProcesses && blocker.Pid == Environment.ProcessId,
        Statement = _showStatements ? blocker.Statement : null,
    };

    private Activity Hearing(string what, TimeSpan patience) =>
        new(ActivityKind.Trying, what, new Budget(patience, MigrationErrorCode.DeadlineExceeded))
        {
            StallAfter = _watch.Timeouts.StallAfter > LeastSilence ? _watch.Timeouts.StallAfter : LeastSilence,
            ToLetGo = _watch.Timeouts.Grace + AfterGrace,
            Failure = _ => ChildErrors.Silent(patience, _watch.State.Read()),
        };
}
