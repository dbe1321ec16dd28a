namespace MigrationHost.Http.Page;

/// <summary>A database's state in one sentence that stays the same while nothing changes: times instead of durations.</summary>
internal static class PageSentence
{
    public static Html Of(DatabaseStatus status, DateTimeOffset now) =>
        Html.Of($"{status.Name} {What(status)}{Waits(status, now)}{Next(status)}.");

    private static Html What(DatabaseStatus status) => status switch
    {
        { Blocked: true, Blockers: [var root, ..] } => Html.Of($"is blocked: {Holds(root)}"),
        { Phase: MigrationPhase.Ready, Current: { } current } => Html.Of($"is ready at {current}"),
        { Phase: MigrationPhase.Ready } => Html.Of($"is ready"),
        { Error: { } error } => Html.Of($"{Failed(status.Phase)}: {error.Code.ToString()}"),
        { Running: { Version: { } version } running } => Html.Of($"is running {version} {running.Description}"),
        { Phase: MigrationPhase.Starting, Attempt: 0 } => Html.Of($"begins once one of the databases before it is done"),
        { Phase: MigrationPhase.Starting } => Html.Of($"is reading the migrations"),
        { Phase: MigrationPhase.Connecting } => Html.Of($"is connecting to the database"),
        { Phase: MigrationPhase.WaitingForTurn } => Html.Of($"has not got its turn yet"),
        { Phase: MigrationPhase.Verifying } => Html.Of($"is reading the history back"),
        _ => Html.Of($"is migrating"),
    };

    private static string Failed(MigrationPhase phase) => phase switch
    {
        MigrationPhase.Abandoned => "does not let go; restart the process",
        MigrationPhase.Stopped => "was stopped",
        _ => "has failed",
    };

    private static string Holds(Blocker root) =>
        $"{(root.Program is null && root.Pid is null ? "another session" : BlockerText.Who(root))} holds {root.Holds}"
            + (root.Resource is null ? "" : $" on {root.Resource}");

    private static Html Waits(DatabaseStatus status, DateTimeOffset now)
    {
        if (status.WaitingFor is not { } wait)
            return Html.Nothing;
        var what = wait.What is { } words ? Html.Of($" for {words}") : Html.Nothing;
        var since = now.AddMilliseconds(-wait.ElapsedMs);
        var verb = wait.Activity == WaitStatus.Waiting ? "waiting" : "at it";
        return Html.Of($"; {verb}{what} since {PageTime.At(since)}, until {PageTime.At(since.AddMilliseconds(wait.LimitMs))} at most");
    }

    private static Html Next(DatabaseStatus status) =>
        status.NextAttemptAt is { } at ? Html.Of($"; next attempt at {PageTime.At(at)}") : Html.Nothing;
}
