namespace MigrationHost.Databases.Sqlite;

/// <summary>Tells our own sessions' locks from those of other connections of this process: the kernel knows only the process.</summary>
internal static class SqliteOwn
{
    /// <summary>What was seen, without what our sessions hold themselves.</summary>
    public static IReadOnlyList<SqliteHolder> Others(SqliteSnapshot seen, IReadOnlyList<SqliteActivity> sessions)
    {
        var keptOut = seen.Holders.Any(holder => holder != seen.Own && holder.Has(SqliteLockKind.Pending));
        return
        [
            .. seen.Holders
                .Select(holder => holder == seen.Own ? holder.Without(kind => IsOurs(kind, sessions, keptOut)) : holder)
                .OfType<SqliteHolder>(),
        ];
    }

    private static bool IsOurs(SqliteLockKind kind, IReadOnlyList<SqliteActivity> sessions, bool keptOut) => kind switch
    {
        SqliteLockKind.Connected => true,
        SqliteLockKind.Shared => sessions.Any(session => Reads(session) && !(keptOut && WaitsWithNothing(session))),
        SqliteLockKind.WalRead => sessions.Any(session => Reads(session) && session != SqliteActivity.WaitsToCheckpoint),
        _ => sessions.Any(Writes),
    };

    private static bool Reads(SqliteActivity session) => session is not (SqliteActivity.WaitsForTurn or SqliteActivity.GaveWay);

    // While another process wants to commit nobody gets a new read lock: one that this process has then is older.
    private static bool WaitsWithNothing(SqliteActivity session) => session is SqliteActivity.WaitsToRead or SqliteActivity.WaitsToWrite;

    private static bool Writes(SqliteActivity session) => session is SqliteActivity.Writes or SqliteActivity.WaitsToCommit
        or SqliteActivity.WaitsToVacuum or SqliteActivity.WaitsToCheckpoint or SqliteActivity.WaitsForAll;
}
