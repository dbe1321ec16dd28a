
namespace MigrationHost.Running;

/// <summary>
/// The texts of the failures that any run can end with. They say what is; what follows from it is for <see cref="Consequence"/>.
/// </summary>
internal static class RunErrors
{
    /// <summary>A budget was used up.</summary>
    public static MigrationError Of(Verdict verdict, DatabaseStatus status)
    {
        var (activity, finding, running) = (verdict.Activity, verdict.Finding, verdict.Running);
        var error = activity.Failure?.Invoke(verdict) ?? new MigrationError
        {
            Code = activity.Budget.WhenOver,
            Message = $"waited {Duration.Say(activity.Budget.Limit)} for {activity.What}{Because(finding)}",
            Hint = activity.Remedy ?? finding?.Remedy,
        };
        return error with { Version = error.Version ?? running?.Version, Applied = Applied(status) };
    }

    /// <param name="under">The migration that was under way; null if none was.</param>
    /// <param name="status">The status.</param>
    public static MigrationError Interrupted(string? under, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.Interrupted,
        Message = $"told to stop before the target was reached{(under is null ? "" : $", in migration {under}")}",
        Version = under,
        Applied = Applied(status),
        Hint = "The next start continues.",
    };

    public static MigrationError Abandoned(MigrationError why, TimeSpan grace) => why with
    {
        Message = $"{why.Message}; it did not let go within {Duration.Say(grace)} and was abandoned",
        Hint = "Restart the process: what hangs ends with it.",
    };

    /// <summary>A file does not answer.</summary>
    public static MigrationError NotRead(Verdict verdict) => new()
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"waited {Duration.Say(verdict.Activity.Budget.Limit)} for {verdict.Activity.What}",
        Hint = "Check the disk or network file system that it is on, and who holds a lease on it (/proc/locks).",
    };

    /// <summary>What is waited for if a file does not answer.</summary>
    public static string ToBeRead(string file) => $"{file} to be read";

    public static MigrationError ConnectionLost(string target, string why, int times, string? under, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"the connection to {target} was lost{(times > 1 ? $" {times} times in a row" : "")}"
            + $"{(under is null ? "" : $" in migration {under}")}: {why}",
        Version = under,
        Applied = Applied(status),
        Hint = "Look into the server's log: it says whether the server was stopped, or ended because of what ran.",
    };

    public static MigrationError Unexpected(Exception e, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.Unexpected,
        Message = $"unexpected failure: {e.GetType().Name}: {e.Message}",
        Version = status.Running?.Version,
        Applied = Applied(status),
        Hint = "This is a defect in MigrationHost; the log has the stack trace.",
    };

    public static IReadOnlyList<string> Applied(DatabaseStatus status) => [.. status.Applied.Select(applied => applied.Version)];

    /// <summary>Who was in the way, as the end of a message.</summary>
    public static string Because(Finding? finding) => finding?.Reason is { } reason ? $": {reason}" : "";
}
