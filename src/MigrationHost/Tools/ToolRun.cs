using MigrationHost.Databases;
using MigrationHost.Engines;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tools;

/// <summary>Runs one tool under the watch of a run, from its start until nothing of it is left.</summary>
internal sealed class ToolRun(Watch watch, IMigrationDatabase database, ToolCommand command, TimeProvider time, ILogger logger)
{
    private volatile ToolGuard? _guard;

    /// <summary>What to say to do when it hangs.</summary>
    public ToolAdvice Advice { get; init; } = new();

    /// <summary>The turn under which it runs: those who wait for it are shown its progress. Null where it needs none.</summary>
    public ITurn? Turn { get; init; }

    /// <summary>How long earlier runs have waited for the lock that its first migration needs: it counts towards <c>Timeouts:Lock</c>.</summary>
    public TimeSpan LockSpent { get; init; }

    /// <summary>Called for every line as it comes, besides its being logged, on a thread of the tool's own.</summary>
    public Action<ToolLine>? OnLine { get; init; }

    /// <summary>What it works on, for the status, until <see cref="Next"/> says otherwise.</summary>
    public string Version { get; init; } = command.Name;

    /// <inheritdoc cref="Version"/>
    public string Description { get; init; } = "external tool";

    /// <summary>The tool has come to its next migration: <c>Timeouts:Migration</c> and <c>Timeouts:Lock</c> count anew.</summary>
    public void Next(string version, string description)
    {
        _guard?.Restart(another: version != Version);
        watch.Now(version, description);
    }

    /// <summary>Runs it to its end, however it ends by itself.</summary>
    /// <exception cref="MigrationException">The watchdog has ended it: blocked, or over its time. Or it could not be started at all.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, and the tool has ended.</exception>
    public async Task<ToolExit> RunAsync()
    {
        watch.Token.ThrowIfCancellationRequested();
        Log.ToolStarts(logger, watch.State.Name, command.Name, command.WorkingDirectory);
        var began = time.GetTimestamp();
        try
        {
            // A host that was killed may have left some, which would be in the way now.
            await EndSessionsAsync().ConfigureAwait(false);

            // Before it can say anything: its first line may already name its first migration.
            watch.Now(Version, Description);
            var named = command.With(database.ToolEnvironment);
            await using var process = ToolProcess.Start(named, watch.Timeouts.Grace, Hear, time, mask: watch.State.Secrets.InLine);
            var guard = _guard = new ToolGuard(watch, process, Advice, database, watch.Timeouts.Migration, LockSpent, time, logger);
            watch.Begins(guard);
            var exit = await process.UntilEndAsync(() => Turn?.Show(), time, watch.Token).ConfigureAwait(false);
            if (exit.Left.Count > 0)
                Log.ToolLeft(logger, watch.State.Name, command.Name, string.Join(", ", exit.Left));
            if (!exit.Succeeded || watch.Token.IsCancellationRequested)
                await EndSessionsAsync().ConfigureAwait(false);
            if (watch.Verdict is { } verdict)
                throw new MigrationException(verdict);
            watch.Token.ThrowIfCancellationRequested();
            guard.Over();
            Log.ToolEnded(logger, watch.State.Name, command.Name, exit.Describe(), Duration.Say(time.GetElapsedTime(began)));
            return exit;
        }
        finally
        {
            watch.Ended();
        }
    }

    private ValueTask EndSessionsAsync() => Turn?.EndToolSessionsAsync() ?? ValueTask.CompletedTask;

    private void Hear(ToolLine line)
    {
        Log.ToolLine(logger, watch.State.Name, command.Name, line.Text);
        OnLine?.Invoke(line);
    }
}
