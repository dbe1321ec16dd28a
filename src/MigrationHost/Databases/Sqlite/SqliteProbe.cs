using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Asks the kernel about the locks that a session of ours was refused, if nobody is visible who holds one: is it a process
/// that is hidden from us, or this very process?
/// </summary>
internal static class SqliteProbe
{
    // The strongest first: what it says of the holder is the most exact.
    private static readonly SqliteLockKind[] Kinds = [.. Enum.GetValues<SqliteLockKind>().OrderDescending()];

    /// <summary>
    /// The lock that another process holds, and what is known of that; the kind
    /// <see cref="LockConflictKind.Nobody"/> if none does. Null if that cannot be asked.
    /// </summary>
    /// <param name="path">The database.</param>
    /// <param name="session">What the session waits for.</param>
    /// <param name="inWalMode">Whether the database is in WAL mode.</param>
    public static (SqliteLockKind Lock, LockConflict Holder)? WhoHoldsUp(string path, SqliteActivity session, bool inWalMode)
    {
        (SqliteLockKind, LockConflict)? nobody = null;
        foreach (var kind in Kinds.Where(kind => SqliteLocks.HoldsUp(kind, session) && Exists(kind, inWalMode)))
        {
            var (onShm, from, length, shared) = SqliteLocks.RangeOf(kind);
            if (LockProbe.Ask(onShm ? SqliteFile.Shm(path) : path, from, length, exclusive: shared) is not { } answer)
                return null;
            if (answer.Kind != LockConflictKind.Nobody)
                return (kind, answer);
            nobody = (kind, answer);
        }
        return nobody;
    }

    private static bool Exists(SqliteLockKind kind, bool inWalMode) => kind switch
    {
        SqliteLockKind.Shared => !inWalMode,
        SqliteLockKind.Reserved or SqliteLockKind.Pending or SqliteLockKind.Exclusive => true,
        _ => inWalMode,
    };
}
