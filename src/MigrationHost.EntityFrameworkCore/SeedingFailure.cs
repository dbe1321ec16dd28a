using MigrationHost.Databases;
using MigrationHost.Running;

namespace MigrationHost.EntityFramework;

/// <summary>How a context's seeding failed.</summary>
/// <param name="Context">The context.</param>
/// <param name="Applied">What of its migrations is applied.</param>
internal sealed record SeedingFailure(string Context, string Applied = "All migrations are applied.")
{
    /// <summary>What it says of an exception from code of the application's.</summary>
    public Exception Of(Exception e, IReadOnlyList<Blocker> blockers)
    {
        if (e is ConnectionLostException)
            return e;
        if (DriverErrors.Lost(e) is { } lost)
            return new ConnectionLostException($"in the seeding of {Context}: {lost.Message}", e);
        var refused = DriverErrors.Refused(e) ?? (blockers.Count > 0 ? DriverErrors.TimedOut(e) : null);
        return new MigrationException(refused is null ? Failed($"failed: {e.GetType().Name}: {(e.InnerException ?? e).Message}") : new()
        {
            Code = MigrationErrorCode.Blocked,
            Message = $"the seeding of {Context} was refused a lock: {refused.Message}"
                + (blockers.Count > 0 ? $"; {BlockerText.Describe(blockers)}" : ""),
            Hint = $"{Applied} 'migrationhost locks' shows who holds what; the next start seeds again.",
        }, e);
    }

    /// <summary>It worked for longer than its limit.</summary>
    public MigrationError TooLong(Verdict verdict) =>
        Failed(
            $"worked for {Duration.Say(verdict.Activity.Budget.Limit)}, its limit, and was cancelled{RunErrors.Because(verdict.Finding)}")
        with
        {
            Code = MigrationErrorCode.DeadlineExceeded,
            Hint = $"{Applied} If the seeding needs longer, raise Timeouts:Seeding.",
        };

    private MigrationError Failed(string what) => new()
    {
        Code = MigrationErrorCode.MigrationFailed,
        Message = $"the seeding of {Context} {what}",
        Hint = $"{Applied} Correct UseSeeding or UseAsyncSeeding and start again.",
    };
}
