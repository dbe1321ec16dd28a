namespace MigrationHost;

/// <summary>A database's status in one sentence, for health answers, the gate and the command line.</summary>
internal static class StatusSentence
{
    public static string Of(DatabaseStatus status) => string.Join("; ", Parts(status));

    public static string Of(DatabaseStatus status, bool full) => full ? Of(status) : Brief(status);

    // Phase, counts and codes only.
    private static string Brief(DatabaseStatus status) =>
        $"{status.Phase}{(status.Error is { } error ? $" ({error.Code})" : "")}, "
            + $"{status.AppliedCount} applied, {status.PendingCount} pending{(status.Blocked ? ", blocked" : "")}";

    private static IEnumerable<string> Parts(DatabaseStatus status)
    {
        yield return status switch
        {
            { Phase: MigrationPhase.Ready, Traits.KnowsMigrations: false } => "ready",
            { Phase: MigrationPhase.Ready, Current: null } => "ready, without any migration",
            { Phase: MigrationPhase.Ready } => $"ready at {status.Current}",
            { Error: { } error } => $"{status.Phase.ToString().ToLowerInvariant()}: {error.Code}: {error.Message}",
            { Running: { } running, Traits.KnowsMigrations: false } => $"running {running.Version} ({running.Description})",
            { Running: { Statement: 0 } running } =>
                $"applying {running.Version} {running.Description}, "
                    + $"{status.AppliedCount} of {status.AppliedCount + status.PendingCount} applied",
            { Running: { } running } =>
                $"applying {running.Version} {running.Description}, "
                    + $"statement {running.Statement}{(running.Statements is { } all ? $" of {all}" : "")}, "
                    + $"{status.AppliedCount} of {status.AppliedCount + status.PendingCount} applied",
            { Phase: MigrationPhase.Starting, Attempt: 0 } => "begins once one of the databases before it is done",
            { Phase: MigrationPhase.Starting } => "reading the migrations",
            { Phase: MigrationPhase.Connecting } => $"connecting to {status.Target}",
            { Phase: MigrationPhase.WaitingForTurn } => $"waiting for its turn, {status.PendingCount} pending",
            { Phase: MigrationPhase.Verifying } => "verifying",
            _ => $"{status.AppliedCount} applied, {status.PendingCount} pending",
        };
        if (status.WaitingFor is { } wait)
            yield return $"waiting {Duration.Say(wait.ElapsedMs)} of at most {Duration.Say(wait.LimitMs)} for {wait.What}"
                + (wait.Activity == WaitStatus.Waiting ? "" : $" ({wait.Activity})");
        if (status.Blocked)
            yield return $"blocked: {BlockerText.Describe(status.Blockers)}";
        if (status.NextAttemptAt is { } next)
            yield return $"next attempt at {next:HH:mm:ss}Z";
    }
}
