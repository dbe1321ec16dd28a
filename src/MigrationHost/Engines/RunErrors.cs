using MigrationHost.Databases;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>The texts of the failures that a watch ends a run with.</summary>
internal static class RunErrors
{
    public static MigrationError OutOfTime(Wait wait, LockDiagnosis? diagnosis, DatabaseStatus status) => new()
    {
        Code = wait.WhenOver,
        Message = $"waited {Duration.Say(wait.Limit)} for {wait.What}{Because(diagnosis)}",
        Version = status.Running?.Version,
        Applied = Applied(status),
        Hint = diagnosis?.Blockers is [{ Hint: { } hint }, ..] ? hint : wait.Remedy,
    };

    public static MigrationError Deadline(MigrationScript script, TimeSpan limit, LockDiagnosis? diagnosis, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.DeadlineExceeded,
        Message = $"{script.File}:{status.Running?.Line ?? 1}: worked for {Duration.Say(limit)}, the limit of one migration, and was cancelled in statement {status.Running?.Statement}{Because(diagnosis)}",
        Version = script.Version.ToString(),
        File = script.File,
        Line = status.Running?.Line,
        Applied = Applied(status),
        Hint = $"{(script.Header.WithoutTransaction ? "Its finished statements are recorded, and the next start goes on behind them" : $"Migration {script.Version} was rolled back as a whole")}. If it needs longer, raise Timeouts:Migration, or write in the script's first line: -- migrationhost: timeout=hh:mm:ss",
    };

    public static MigrationError Interrupted(DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.Interrupted,
        Message = $"told to stop before the target was reached{(status.Running is { } running ? $"; migration {running.Version} was under way" : "")}; what ran in a transaction was rolled back",
        Version = status.Running?.Version,
        Applied = Applied(status),
        Hint = "The next start continues.",
    };

    public static MigrationError Abandoned(MigrationError verdict, TimeSpan grace) => verdict with
    {
        Message = $"{verdict.Message}; it did not let go within {Duration.Say(grace)} and was abandoned",
        Hint = "Restart the process: what hangs ends with it, and the database rolls back.",
    };

    public static MigrationError ConnectionLost(string target, string why, int times, DatabaseStatus status) => new()
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"the connection to {target} was lost{(times > 1 ? $" {times} times in a row" : "")}{(status.Pending is [var next, ..] ? $" before migration {next.Version} was committed" : "")}: {why}",
        Version = status.Pending is [var pending, ..] ? pending.Version : null,
        Applied = Applied(status),
        Hint = "Look into the server's log: it says whether it was stopped, or ended because of what ran.",
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

    private static string Because(LockDiagnosis? diagnosis) => diagnosis switch
    {
        { Blockers.Count: > 0 } => $": {BlockerText.Describe(diagnosis.Blockers)}",
        { Report.Note: { } note } => $": {note}",
        _ => "",
    };
}
