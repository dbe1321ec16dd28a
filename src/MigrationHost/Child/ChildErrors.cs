using MigrationHost.Running;
using MigrationHost.Tools;

namespace MigrationHost.Child;

/// <summary>The texts of the failures of a child process as such.</summary>
internal static class ChildErrors
{
    private static readonly string SameVersion =
        $"Install the migrationhost program in the version of the application, "
        + $"or name the right one in the environment variable {SupervisorProgram.Variable}.";

    /// <summary>The program is another version, or not MigrationHost at all. Nothing was done.</summary>
    /// <param name="program">The program's path.</param>
    /// <param name="version">The version that it says it is; null if it says none.</param>
    /// <param name="exit">How it ended; null if it still runs.</param>
    public static MigrationError AnotherVersion(string program, string? version, ToolExit? exit) => new()
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = version is not null
            ? $"Isolation=ChildProcess: {program} is MigrationHost {version}, this is {ChildProtocol.Version}; nothing was done"
            : $"Isolation=ChildProcess: {program} did not answer as MigrationHost {ChildProtocol.Version}"
                + $"{(exit is null ? "" : $" and {exit.Describe()}")}; nothing was done",
        Output = exit?.LastLines,
        Hint = SameVersion,
    };

    public static MigrationError Refused(IReadOnlyList<string> problems) => new()
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"the child process does not accept the settings: {string.Join("; ", problems)}",
    };

    /// <summary>It ended without saying how its run ended.</summary>
    /// <param name="exit">How the process ended.</param>
    /// <param name="strange">How many of its lines were not understood.</param>
    /// <param name="status">What it said last.</param>
    public static MigrationError NoSummary(ToolExit exit, int strange, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.Unexpected,
        Message = $"the child process that migrates {exit.Describe()} without reporting how far it got{Where(status)}"
            + $"{(strange > 0 ? $"; {strange} of its lines were not understood" : "")}",
        Version = status.Running?.Version,
        Applied = RunErrors.Applied(status),
        Output = exit.LastLines,
        Hint = "A SIGKILL that nobody sent usually means out of memory: see the system's log. The next start continues.",
    };

    /// <summary>It says nothing any more.</summary>
    public static MigrationError Silent(TimeSpan silence, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.DeadlineExceeded,
        Message = $"the child process that migrates gave no sign of life for {Duration.Say(silence)}{Where(status)}, and was ended",
        Version = status.Running?.Version,
        Applied = RunErrors.Applied(status),
        Hint = "It was stopped by a signal, or hangs in native code or on a device: see the system's log. The next start continues.",
    };

    private static string Where(DatabaseStatus status) =>
        status.Running is { } running ? $", in statement {running.Statement} of migration {running.Version}" : "";
}
