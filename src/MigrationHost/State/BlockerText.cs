namespace MigrationHost;

/// <summary>Blockers in words, for messages and logs.</summary>
internal static class BlockerText
{
    /// <summary><c>sqlite3 (pid 4837)</c></summary>
    public static string Who(Blocker blocker) => (blocker.Program, blocker.Pid) switch
    {
        (null, null) => "a holder that is not visible",
        (null, { } pid) => $"pid {pid}",
        ({ } program, null) => program,
        ({ } program, { } pid) => $"{program} (pid {pid}{(blocker.ThisProcess ? ", this process" : "")})",
    };

    /// <summary><c>sqlite3 (pid 4837) holds RESERVED on app.db (write transaction open, for at least 12 s)</c></summary>
    public static string Describe(Blocker blocker)
    {
        var since = blocker.ForMs is > 0 and var ms ? $"for at least {Duration.Say(ms)}" : null;
        string[] details = [.. new[] { blocker.State, since }.OfType<string>()];
        return $"{Who(blocker)} holds {blocker.Holds} on {blocker.Resource}"
            + (details.Length > 0 ? $" ({string.Join(", ", details)})" : "");
    }

    public static string Describe(IReadOnlyList<Blocker> blockers) => string.Join("; ", blockers.Select(Describe));
}
