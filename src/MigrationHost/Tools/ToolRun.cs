using MigrationHost.Databases;
using MigrationHost.Platform;
using MigrationHost.Running;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tools;

/// <summary>Runs one tool under the watch of a run, from its start until nothing of it is left.</summary>
/// <remarks>
/// Output and CPU time are progress. Without either for <c>StallAfter</c> its database is looked at; while a blocker is in its way there,
/// its time counts as waiting for a lock, else as the tool's own work.
/// </remarks>
internal sealed class ToolRun
{
    // After the grace the supervisor kills, which takes it moments, or is itself killed: only a
    // machine without any time to spare needs longer.
    private static readonly TimeSpan AfterGrace = TimeSpan.FromSeconds(10);

    private readonly Watch _watch;
    private readonly IMigrationDatabase _database;
    private readonly ToolCommand _command;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _stallAfter;
    private readonly SharedLook<ToolDiagnosis> _looks;
    private volatile ToolSigns? _signs;
    private volatile ToolStall? _blocked;
    private string? _at;

    public ToolRun(Watch watch, IMigrationDatabase database, ToolCommand command, TimeProvider time, ILogger logger)
    {
        (_watch, _database, _command, _time, _logger) = (watch, database, command, time, logger);
        var timeouts = watch.Timeouts;
        _stallAfter = timeouts.StallAfter < timeouts.Lock ? timeouts.StallAfter : timeouts.Lock;
        Version = command.Name;
        Locks = _ => new Budget(timeouts.Lock, MigrationErrorCode.Blocked);
        _looks = new SharedLook<ToolDiagnosis>(
            watch.State.Name,
            DiagnoseAsync,
            why => new ToolDiagnosis(LockDiagnosis.Nothing(watch.State.Name, time.GetUtcNow(), why)),
            time,
            logger);
    }

    /// <summary>What to say to do when it hangs.</summary>
    public ToolAdvice Advice { get; init; } = new();

    /// <summary>The turn under which it runs: those who wait for it are shown its progress. Null if it needs none.</summary>
    public ITurn? Turn { get; init; }

    /// <summary>The time that may be spent on waiting for the lock that a migration needs.</summary>
    public Func<string, Budget> Locks { get; init; }

    /// <summary>Called for every line as it comes, besides its being logged, on a thread of the tool's own.</summary>
    public Action<ToolLine>? OnLine { get; init; }

    /// <summary>What it works on, for the status, until <see cref="Next"/> says otherwise.</summary>
    public string Version { get; init; }

    /// <inheritdoc cref="Version"/>
    public string Description { get; init; } = "external tool";

    /// <summary>The tool has come to its next migration: <c>Timeouts:Migration</c> and <c>Timeouts:Lock</c> count anew.</summary>
    public void Next(string version, string description)
    {
        if (version != _at)
            _blocked = null;
        _at = version;
        _watch.TurnTo(Work(version));
        _watch.Begins(version, description, null);
    }

    /// <summary>Runs it to its end, however it ends by itself.</summary>
    /// <exception cref="MigrationException">It could not be started at all.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, by the watchdog for one, and the tool has ended.</exception>
    public async Task<ToolExit> RunAsync()
    {
        _watch.ThrowIfEnding();
        Log.ToolStarts(_logger, _watch.State.Name, _command.Name, _command.WorkingDirectory);
        var began = _time.GetTimestamp();

        // A host that was killed may have left some, which would be in the way now.
        await EndSessionsAsync().ConfigureAwait(false);

        // Before it can say anything: its first line may already name its first migration.
        using var turned = _watch.Turn(Work(_at = Version));
        _watch.Begins(Version, Description, null);
        try
        {
            await using var process = ToolProcess.Start(
                _database is IServesTools tools ? _command.With(tools.ToolEnvironment) : _command,
                _watch.Timeouts.Grace,
                Hear,
                _time,
                _watch.State.Secrets);
            _signs = new ToolSigns(process, _watch, _stallAfter, _time);
            var exit = await process.UntilEndAsync(() => (Turn as IShowsTurn)?.Show(), _time, _watch.Token).ConfigureAwait(false);
            if (exit.Left.Count > 0)
                Log.ToolLeft(_logger, _watch.State.Name, _command.Name, string.Join(", ", exit.Left));
            if (!exit.Succeeded || _watch.Token.IsCancellationRequested)
                await EndSessionsAsync().ConfigureAwait(false);
            _watch.ThrowIfEnding();
            Log.ToolEnded(_logger, _watch.State.Name, _command.Name, exit.Describe(), Duration.Say(_time.GetElapsedTime(began)));
            return exit with { Blocked = _blocked };
        }
        finally
        {
            _watch.Ends(done: true);
        }
    }

    private Activity Work(string version)
    {
        var work = Watched(new Activity(
            ActivityKind.Working,
            $"{_command.Name} to finish",
            new Budget(_watch.Timeouts.Migration, MigrationErrorCode.DeadlineExceeded))) with
        {
            Failure = verdict => ToolErrors.Deadline(_command, verdict, Advice),
        };
        return work with
        {
            WhenBlocked = Watched(new Activity(ActivityKind.Waiting, $"the lock that {_command.Name} needs", Locks(version))),
        };
    }

    private Activity Watched(Activity activity) => activity with
    {
        Lookout = LookAsync,
        Sample = () => _signs?.Sample(),
        StallAfter = _stallAfter,
        ToLetGo = _watch.Timeouts.Grace + AfterGrace,
    };

    private async Task<Finding> LookAsync(TimeSpan maxAge, TimeSpan within)
    {
        var (diagnosis, took) = await _looks.TakeAsync(maxAge, within).ConfigureAwait(false);
        var stall = ToolStall.Judge(_command, Advice, diagnosis, _signs?.Tree, _signs?.Silence ?? TimeSpan.Zero);
        var finding = new Finding(diagnosis.Locks) { Reason = stall.Reason, Remedy = stall.Remedy, Tool = _command.Name, Took = took };
        if (!finding.Names)
            return finding with { Key = stall.Reason };
        _blocked = stall;
        return finding;
    }

    private ValueTask EndSessionsAsync() => (Turn as IEndsToolSessions)?.EndToolSessionsAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<ToolDiagnosis> DiagnoseAsync(CancellationToken cancellationToken) => _database is IServesTools tools
        ? await tools.DiagnoseToolAsync([.. (_signs?.Tree ?? ProcessTree.Empty).Processes.Select(one => one.Pid)], cancellationToken)
            .ConfigureAwait(false)
        : new ToolDiagnosis(await _database.DiagnoseAsync(cancellationToken).ConfigureAwait(false));

    private void Hear(ToolLine line)
    {
        Log.ToolLine(_logger, _watch.State.Name, _command.Name, line.Text);
        OnLine?.Invoke(line);
    }
}
