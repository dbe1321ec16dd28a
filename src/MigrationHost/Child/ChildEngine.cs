using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Child;

/// <summary>Our own engine in a child process (<see cref="ChildProgram"/>): a hang in native code ends with it.</summary>
/// <remarks>What only looks stays in this process.</remarks>
internal sealed class ChildEngine(
    IMigrationEngine inProcess,
    ChildOrder order,
    bool showStatements,
    bool holdersAreProcesses,
    string contentRoot,
    TimeProvider time,
    ILogger logger) : IMigrationEngine
{
    // Told to stop, the child itself waits for its grace; then its supervisor has the last word.
    private static readonly TimeSpan AfterItsGrace = TimeSpan.FromSeconds(2);

    // Of the last run: one that obeys no signal may still commit.
    private volatile IReadOnlyList<int> _left = [];

    public async Task MigrateAsync(Watch watch, string? target)
    {
        var (program, arguments) = SupervisorProgram.Find();
        var command = new ToolCommand
        {
            Name = "migrationhost",
            Executable = program,
            Arguments = [.. arguments, ChildProtocol.Command, ChildProtocol.Version],
            WorkingDirectory = contentRoot,
            Environment = new Dictionary<string, string?>
            {
                [ChildProtocol.Variable] = ChildJson.Write(order with { Target = target }),
            },
        };
        using var over = CancellationTokenSource.CreateLinkedTokenSource(watch.Token);
        using var events = new ChildEvents(watch, program, showStatements, holdersAreProcesses, logger);
        await using var process = ToolProcess.Start(
            command,
            watch.Timeouts.Grace + AfterItsGrace,
            Hear,
            time,
            watch.State.Secrets,
            ChildProtocol.LongestLine);
        var exit = await process.UntilEndAsync(null, time, over.Token).ConfigureAwait(false);
        _left = exit.Left;
        if (_left.Count > 0)
            Log.ToolLeft(logger, watch.State.Name, command.Name, string.Join(", ", _left));
        watch.ThrowIfEnding();
        if (events.Outcome(exit) is { } error)
            throw new MigrationException(error);

        void Hear(ToolLine line)
        {
            if (line.IsError)
                Log.ChildLine(logger, watch.State.Name, line.Text);
            else if (!events.Hear(line.Text))
                _ = over.CancelAsync();
        }
    }

    public Task<bool> InspectAsync(Watch watch, string? target) => inProcess.InspectAsync(watch, target);

    public Task ValidateAsync(Watch watch) => inProcess.ValidateAsync(watch);

    public IHistoryCommands? OnHistory => inProcess.OnHistory;

    public async Task<Consequence?> AftermathAsync(AttemptState state, string version, CancellationToken cancellationToken)
    {
        var found = await inProcess.AftermathAsync(state, version, cancellationToken).ConfigureAwait(false);
        return _left.Count == 0 || found is { Kind: ConsequenceKind.Committed } ? found : new Consequence(version, ConsequenceKind.Unknown);
    }

    public IEnumerable<DoctorCheck> Check() => inProcess.Check();

    public IEnumerable<DoctorCheck> CheckFound() => inProcess.CheckFound();

    public string? TargetProblem(string target) => inProcess.TargetProblem(target);

    public string? VersionProblem(string version) => inProcess.VersionProblem(version);
}
