namespace MigrationHost.Databases.MySql;

/// <summary>The states of the processlist that mean a wait for another session's lock.</summary>
/// <remarks><see href="https://mariadb.com/kb/en/general-thread-states/"/></remarks>
internal static class MySqlStates
{
    private const string Waiting = "Waiting for ";

    /// <summary>What is waited for, in words; null if the state is no such wait.</summary>
    public static string? LockWaitedFor(string? state) => state switch
    {
        "Waiting for table metadata lock" => "a metadata lock on a table",
        "Waiting for table level lock" => "a lock on a table (LOCK TABLES)",
        "Waiting for global read lock" or "Waiting for backup lock" or "Waiting for commit lock" =>
            "the global read lock (FLUSH TABLES WITH READ LOCK, a backup)",
        "Waiting for table flush" => "older statements on a table to end (FLUSH TABLES)",
        { } other when other.StartsWith(Waiting, StringComparison.Ordinal) && other.EndsWith("lock", StringComparison.Ordinal) =>
            $"a {other[Waiting.Length..]}",
        _ => null,
    };

    /// <summary>Whether it is the whole server's lock that is waited for.</summary>
    public static bool IsGlobal(string? state) => state
        is "Waiting for global read lock" or "Waiting for backup lock" or "Waiting for commit lock" or "Waiting for table flush";
}
