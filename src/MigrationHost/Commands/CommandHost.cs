using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Commands;

/// <summary>What the commands that work on databases have in common: the settings, the choice of databases, signals.</summary>
internal sealed class CommandHost : IAsyncDisposable
{
    private readonly OwnedRuns _owned;
    private readonly CancellationTokenSource _stop = new();
    private readonly StopSignals _signals;

    private CommandHost(OwnedRuns owned, IReadOnlyList<DatabaseRun> runs, MigrationState state)
    {
        _owned = owned;
        Runs = runs;
        State = state;
        _signals = new StopSignals(() => _ = _stop.CancelAsync());
    }

    /// <summary>The chosen databases.</summary>
    public IReadOnlyList<DatabaseRun> Runs { get; }

    /// <summary>Their state together.</summary>
    public MigrationState State { get; }

    /// <summary>The exit code of a command that a signal has ended.</summary>
    public int StoppedExitCode => _signals.ExitCode;

    /// <summary>A path as it counts from the content root.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, _owned.ContentRoot);

    /// <summary>Cancelled by SIGINT and SIGTERM.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Runs a command's work; settings that are wrong end it with code 2, each problem on a line of its own.</summary>
    /// <param name="hosts">Gives the host to work with.</param>
    /// <param name="options">What the command line says of the options that all such commands have.</param>
    /// <param name="story">Whether the log has the whole story; if the answer has it, warnings and errors are enough.</param>
    /// <param name="work">What to do; returns the exit code.</param>
    /// <param name="tools">Whether the log has what an external tool says, in any case.</param>
    /// <param name="reads">Whether its answer is all that the command is for: then a stop that comes
    /// before the answer is written ends it.</param>
    /// <param name="traced">Whether a collector that the environment names gets traces and metrics of it.</param>
    /// <param name="invalid">What to do about settings that are wrong, instead of that; returns the exit code.</param>
    public static async Task<int> RunAsync(
        ICommandHosts hosts,
        CommonOptions options,
        bool story,
        Func<CommandHost, Task<int>> work,
        bool tools = false,
        bool reads = false,
        bool traced = false,
        Func<IEnumerable<string>, int>? invalid = null)
    {
        if (options.Problem is { } problem)
            return Refuse([problem]);
        Answer.IsSilent = options.IsQuiet;
        var (database, least) = (options.DatabaseName, options.IsQuiet ? LogLevel.Error : story ? LogLevel.Information : LogLevel.Warning);
        OwnedRuns? owned = null;
        MigrationRuns runs;
        try
        {
            owned = hosts.ForCommand(new CommandLog(least, tools && !options.IsQuiet, options.HasColor, traced));
            runs = owned.Make();
        }
        catch (OptionsValidationException e)
        {
            if (owned is not null)
                await owned.DisposeAsync().ConfigureAwait(false);
            return (invalid ?? Refuse)(e.Failures);
        }

        if (database is not null && runs.Find(database) is null)
        {
            await owned.DisposeAsync().ConfigureAwait(false);
            return Refuse(
                [$"--database: there is no such database{NearestName.Suggest(database, [.. runs.All.Select(run => run.State.Name)])}"]);
        }
        var chosen = database is null ? runs.All : [runs.Find(database)!];
        var state = database is null ? runs.State : new MigrationState([.. chosen.Select(run => run.State)]);
        var host = new CommandHost(owned, chosen, state);
        await using (host.ConfigureAwait(false))
        {
            var code = await work(host).ConfigureAwait(false);
            var delivered = await Answer.DeliverAsync(reads ? Answer.Long : Answer.Short, host.Stopping).ConfigureAwait(false);
            return reads && !delivered && host.Stopping.IsCancellationRequested ? host.StoppedExitCode : code;
        }
    }

    /// <summary>Runs the work of a command that is for one database only.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static Task<int> RunOnOneAsync(
        ICommandHosts hosts,
        CommonOptions options,
        Func<CommandHost, DatabaseRun, Task<int>> work,
        bool reads = false) => RunAsync(
            hosts,
            options,
            story: false,
            async host => host.Runs is [var only]
                ? await work(host, only).ConfigureAwait(false)
                : Refuse([host.NeedsDatabase(options.CommandName)]),
            reads: reads);

    /// <summary>Why a command, or an option of it, that is for one database cannot be used for all.</summary>
    /// <param name="what">The command or option.</param>
    public string NeedsDatabase(string what) =>
        $"{what} needs --database if there are several: {string.Join(", ", Runs.Select(run => run.State.Name))}";

    /// <summary>Says on stderr what is wrong with settings or usage.</summary>
    public static int Refuse(IEnumerable<string> problems)
    {
        string[] lines = [.. ProblemList.First([.. problems]).Select(problem => $"invalid configuration: {problem}")];
        foreach (var line in lines)
            Answer.Complain(line);
        TerminationLog.Write(lines);
        return ExitCodes.InvalidConfiguration;
    }

    /// <summary>The exit code of the first database that failed, in the order of the configuration; null if none did.</summary>
    public int? CodeOf(IEnumerable<MigrationError?> errors) =>
        errors.FirstOrDefault(error => error is not null) is not { } first ? null
        : first.Code == MigrationErrorCode.Interrupted ? _signals.ExitCode
        : first.ExitCode;

    public async ValueTask DisposeAsync()
    {
        _signals.Dispose();
        await _owned.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }
}
