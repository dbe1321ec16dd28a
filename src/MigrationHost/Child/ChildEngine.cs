using MigrationHost.Databases;
using MigrationHost.Engines;
using MigrationHost.Scripts;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Child;

/// <summary>Our own engine in a child process (<see cref="ChildProgram"/>): a hang in native code ends with it.</summary>
/// <remarks>What only looks stays in this process.</remarks>
internal sealed class ChildEngine(
    SqlEngine inProcess,
    ChildOrder order,
    bool showStatements,
    string contentRoot,
    TimeProvider time,
    ILogger logger) : IMigrationEngine
{
    // Told to stop, the child itself waits for its grace; then its supervisor has the last word.
    private static readonly TimeSpan AfterItsGrace = TimeSpan.FromSeconds(2);

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
        using var events = new ChildEvents(watch, program, showStatements, time, logger);
        await using var process = ToolProcess.Start(command, watch.Timeouts.Grace + AfterItsGrace, Hear, time, ChildProtocol.LongestLine);
        watch.Begins(events);
        try
        {
            var exit = await process.UntilEndAsync(null, time, over.Token).ConfigureAwait(false);
            if (watch.Verdict is { } verdict)
                throw new MigrationException(verdict);
            watch.Token.ThrowIfCancellationRequested();
            if (events.Outcome(exit) is { } error)
                throw new MigrationException(error);
        }
        finally
        {
            watch.Ended();
        }

        void Hear(ToolLine line)
        {
            if (line.IsError)
                Log.ChildLine(logger, watch.State.Name, line.Text);
            else if (!events.Hear(line.Text))
                _ = over.CancelAsync();
        }
    }

    public Task<bool> InspectAsync(Watch watch, string? target) => inProcess.InspectAsync(watch, target);

    public Task ResolveAsync(Watch watch, MigrationVersion version, bool applied) => inProcess.ResolveAsync(watch, version, applied);

    public IEnumerable<DoctorCheck> Check() => inProcess.Check();

    public string? TargetProblem(string target) => inProcess.TargetProblem(target);
}
