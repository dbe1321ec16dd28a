using MigrationHost.Databases;
using MigrationHost.Scripts;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Our own engine in a process of its own, <c>migrationhost migrate --json</c>: a hang in native code ends with that process. What only looks stays here.</summary>
internal sealed class ChildEngine(SqlEngine inProcess, ChildDatabase child, bool showStatements, string contentRoot, TimeProvider time, ILogger logger) : IMigrationEngine
{
    // With hundreds of migrations one status is long.
    private const int LongestLine = 64 << 20;

    // Told to stop, the child itself waits for its grace; then its supervisor has the last word.
    private static readonly TimeSpan AfterItsGrace = TimeSpan.FromSeconds(2);

    public async Task MigrateAsync(Watch watch, string? target)
    {
        var (program, arguments) = SupervisorProgram.Find();
        var command = new ToolCommand
        {
            Name = "migrationhost",
            Executable = program,
            Arguments = [.. arguments, "migrate", "--json", "--progress", "--database", child.Name, .. target is null ? Array.Empty<string>() : ["--target", target]],
            WorkingDirectory = contentRoot,
            Environment = new Dictionary<string, string?> { [ChildConfiguration.Variable] = child.Configuration },
        };
        var events = new ChildEvents(watch, showStatements, time, logger);
        await using var process = ToolProcess.Start(command, watch.Timeouts.Grace + AfterItsGrace, Hear, time, LongestLine);
        watch.Begins(events);
        try
        {
            var exit = await process.UntilEndAsync(null, time, watch.Token).ConfigureAwait(false);
            if (watch.Verdict is { } verdict)
                throw new MigrationException(verdict);
            watch.Token.ThrowIfCancellationRequested();
            if (events.Summary is not { } summary)
                throw new MigrationException(Crashed(exit, watch));
            if (summary.Error is { } error)
                throw new MigrationException(error);
        }
        finally
        {
            watch.Ended();
        }

        void Hear(ToolLine line)
        {
            if (line.IsError)
                Log.ChildLine(logger, child.Name, line.Text);
            else
                events.Hear(line.Text);
        }
    }

    public Task<bool> InspectAsync(Watch watch, string? target) => inProcess.InspectAsync(watch, target);

    public Task ResolveAsync(Watch watch, MigrationVersion version, bool applied) => inProcess.ResolveAsync(watch, version, applied);

    public Task BaselineAsync(Watch watch, MigrationVersion version, bool dryRun) => inProcess.BaselineAsync(watch, version, dryRun);

    public IEnumerable<DoctorCheck> Check() => inProcess.Check();

    public string? TargetProblem(string target) => inProcess.TargetProblem(target);

    private static MigrationError Crashed(ToolExit exit, Watch watch)
    {
        var status = watch.State.Read();
        return new MigrationError
        {
            Code = MigrationErrorCode.Unexpected,
            Message = $"the child process that migrates {exit.Describe()} without a word{(status.Running is { } running ? $", in statement {running.Statement} of migration {running.Version}" : "")}",
            Version = status.Running?.Version,
            Applied = RunErrors.Applied(status),
            Output = exit.LastLines,
            Hint = "What ran in a transaction was rolled back, and the next start continues. A SIGKILL that nobody sent is the system's, for want of memory.",
        };
    }
}
