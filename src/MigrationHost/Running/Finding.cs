using MigrationHost.Databases;

namespace MigrationHost.Running;

/// <summary>What a look at a stalled run found.</summary>
/// <param name="Locks">Who holds what, and who of them is in the way.</param>
internal sealed record Finding(LockDiagnosis Locks)
{
    /// <summary>Why it stalls, in words; null if there is nothing to say.</summary>
    public string? Reason { get; init; } = ReasonOf(Locks);

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; init; } = Locks.Blockers is [{ Hint: { } hint }, ..] ? hint : null;

    /// <summary>What makes it another finding than the one before: the time for which a lock has been held does not.</summary>
    public string Key { get; init; } =
        string.Join(", ", Locks.Blockers.Select(blocker => $"{BlockerText.Who(blocker)} {blocker.Holds}")) is { Length: > 0 } who
            ? who
            : Locks.Report.Note ?? "";

    /// <summary>How long the look took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>The tool that is held up; null for our own sessions.</summary>
    public string? Tool { get; init; }

    /// <summary>A blocker is in the way.</summary>
    public bool Names => Locks.Blockers.Count > 0;

    /// <summary>Nothing was found out, which does not mean that nobody is in the way.</summary>
    public bool Failed => Locks.Failed;

    private static string? ReasonOf(LockDiagnosis locks) =>
        locks.Blockers.Count > 0 ? BlockerText.Describe(locks.Blockers) : locks.Report.Note;
}
