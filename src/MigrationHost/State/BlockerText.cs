namespace MigrationHost;

/// <summary>Blockers in words, for messages and logs.</summary>
internal static class BlockerText
{
    /// <summary><c>sqlite3 (pid 4837)</c></summary>
    public static string Who(Blocker blocker) => Who(blocker.Program, blocker.Pid, blocker.ThisProcess);

    /// <inheritdoc cref="Who(Blocker)"/>
    public static string Who(string? program, int? pid, bool thisProcess = false) => (program, pid) switch
    {
        (null, null) => "a holder that is not visible",
        (null, { } only) => $"pid {only}",
        ({ } name, null) => name,
        ({ } name, { } known) => $"{name} (pid {known}{(thisProcess ? ", this process" : "")})",
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
