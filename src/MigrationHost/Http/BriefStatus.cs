namespace MigrationHost.Http;

/// <summary>The status document for outsiders: phase, counts, times and codes. No ids, names, paths, pids, hosts or error text.</summary>
/// <remarks>What is left out is null in the answer, even if the state itself always has a value.</remarks>
internal static class BriefStatus
{
    public static MigrationStatus Of(MigrationStatus status) => status with
    {
        Instance = null!,
        Databases = [.. status.Databases.Select(Of)],
    };

    private static DatabaseStatus Of(DatabaseStatus status) => status with
    {
        Target = null!,
        Current = null,
        Latest = null,
        Applied = [],
        Pending = [],
        Unknown = [],
        Changed = [],
        Running = status.Running is { } running ? running with { Version = null!, Description = null!, File = null, Line = null } : null,
        WaitingFor = status.WaitingFor is { } wait ? Of(wait) : null,
        Blockers = [.. status.Blockers.Select(Of)],
        Error = status.Error is { } error ? new MigrationError { Code = error.Code, Message = null! } : null,
    };

    // What is going on is evidence in words, which can name things.
    private static WaitStatus Of(WaitStatus wait) =>
        wait with { What = null!, Activity = wait.Activity == WaitStatus.Waiting ? WaitStatus.Waiting : null! };

    private static Blocker Of(Blocker blocker) => new()
    {
        Pid = null,
        Program = null,
        Holds = blocker.Holds,
        Resource = null!,
        State = blocker.AnonymousState,
        ForMs = blocker.ForMs,
    };
}
