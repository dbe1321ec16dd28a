using MigrationHost.Running;

namespace MigrationHost.Tools;

/// <summary>The texts of the failures around external tools.</summary>
internal static class ToolErrors
{
    public const string SupervisorNotFound =
        "the migrationhost program was not found; external tools and Isolation=ChildProcess run below it, "
            + "so that nothing of them outlives this process";

    public static readonly string GetSupervisor =
        "Publish src/MigrationHost.Api and put the program migrationhost beside the application or on the PATH, "
            + $"or name it in the environment variable {SupervisorProgram.Variable}.";

    public static MigrationException NoSupervisor(string why, Exception? inner = null) => new(
        new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = why,
            Hint = GetSupervisor,
        },
        inner);

    /// <summary>Where a tool's last lines are, as the beginning of a sentence.</summary>
    public const string LastLines = "Its last lines, in the log above unless --quiet kept them out";

    /// <summary>It ended with anything but success.</summary>
    public static MigrationError Failed(ToolCommand command, ToolExit exit, DatabaseStatus status, string? hint = null) => new()
    {
        Code = MigrationErrorCode.ToolFailed,
        Message = $"{command.Name} {exit.Describe()}{(exit.Blocked is { } blocked ? $"; before that, {blocked.Reason}" : "")}",
        Version = status.Running?.Version,
        Applied = RunErrors.Applied(status),
        Output = exit.LastLines,
        Hint = (hint ?? (exit.Failure is not null
                ? "Try the same command in a shell, as the same user."
                : $"{LastLines}, say why."))
            + (exit.Blocked?.Remedy is { } remedy ? $" If the lock was the cause: {remedy}." : ""),
    };

    /// <summary>It said it succeeded; the database says otherwise.</summary>
    public static MigrationError NotProven(string message, ToolExit exit, DatabaseStatus status, string hint) => new()
    {
        Code = MigrationErrorCode.ToolFailed,
        Message = message,
        Applied = RunErrors.Applied(status),
        Output = exit.LastLines,
        Hint = hint,
    };

    /// <summary>It worked for longer than one migration may.</summary>
    public static MigrationError Deadline(ToolCommand command, Verdict verdict, ToolAdvice advice) => new()
    {
        Code = MigrationErrorCode.DeadlineExceeded,
        Message = $"{command.Name} worked for {Duration.Say(verdict.Activity.Budget.Limit)}, the limit of one migration, and was ended"
            + (verdict.Finding?.Reason is { } reason ? $"; {reason}" : ""),
        Hint = verdict.Finding?.Remedy ?? advice.Deadline,
    };
}
