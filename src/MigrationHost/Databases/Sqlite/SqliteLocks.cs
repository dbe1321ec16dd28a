using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Translates byte ranges of the database file and its -shm into SQLite's locks.</summary>
internal static class SqliteLocks
{
    // os_unix.c: PENDING_BYTE, RESERVED_BYTE, SHARED_FIRST and SHARED_SIZE.
    private const long PendingByte = 0x40000000;
    private const long ReservedByte = PendingByte + 1;
    private const long SharedFirst = PendingByte + 2;
    private const long SharedSize = 510;

    // os_unix.c and wal.c: UNIX_SHM_BASE, then WRITE, CKPT, RECOVER and five READ locks.
    private const long WalWriteByte = 120;
    private const long WalCheckpointByte = 121;
    private const long WalRecoveryByte = 122;
    private const long WalReadFirst = 123;
    private const long WalReadLast = 127;

    // Without the first one, which is of those who read nothing from the log.
    private const long WalResetFirst = WalReadFirst + 1;

    /// <summary>The locks that one lock line on the database file means. A wide write lock over all of them is EXCLUSIVE alone.</summary>
    /// <param name="held">The line.</param>
    /// <param name="inWalMode">There, SHARED says no more than that a client is connected.</param>
    public static IEnumerable<SqliteLockKind> OnDatabase(FileLock held, bool inWalMode)
    {
        if (held.Covers(SharedFirst) && held.Exclusive)
            yield return SqliteLockKind.Exclusive;
        else if (held.Covers(SharedFirst))
            yield return inWalMode ? SqliteLockKind.Connected : SqliteLockKind.Shared;
        if (held.Covers(ReservedByte) && held.Exclusive)
            yield return SqliteLockKind.Reserved;
        if (held.Covers(PendingByte) && held.Exclusive)
            yield return SqliteLockKind.Pending;
    }

    public static IEnumerable<SqliteLockKind> OnShm(FileLock held)
    {
        if (held.Covers(WalWriteByte) && held.Exclusive)
            yield return SqliteLockKind.WalWrite;
        if (held.Covers(WalCheckpointByte) && held.Exclusive)
            yield return SqliteLockKind.WalCheckpoint;
        if (held.Covers(WalRecoveryByte) && held.Exclusive)
            yield return SqliteLockKind.WalRecovery;
        if (held.Covers(WalResetFirst) && held.Covers(WalReadLast) && held.Exclusive)
            yield return SqliteLockKind.WalReset;
        if (ReadMarks(held).Any())
            yield return SqliteLockKind.WalRead;
    }

    /// <summary>Which of the log's read marks the readers behind one lock line on the -shm use.</summary>
    public static IEnumerable<int> ReadMarks(FileLock held) =>
        from mark in Enumerable.Range(0, (int)(WalReadLast - WalReadFirst) + 1)
        where !held.Exclusive && held.Covers(WalReadFirst + mark)
        select mark;

    /// <summary>The bytes that stand for a lock, and whether a read lock on them counts too.</summary>
    public static (bool OnShm, long From, long Length, bool Shared) RangeOf(SqliteLockKind kind) => kind switch
    {
        SqliteLockKind.WalWrite => (true, WalWriteByte, 1, false),
        SqliteLockKind.WalCheckpoint => (true, WalCheckpointByte, 1, false),
        SqliteLockKind.WalRecovery => (true, WalRecoveryByte, 1, false),
        SqliteLockKind.WalReset => (true, WalResetFirst, WalReadLast - WalResetFirst + 1, false),
        SqliteLockKind.WalRead => (true, WalReadFirst, WalReadLast - WalReadFirst + 1, true),
        SqliteLockKind.Reserved => (false, ReservedByte, 1, false),
        SqliteLockKind.Pending => (false, PendingByte, 1, false),
        SqliteLockKind.Exclusive => (false, SharedFirst, SharedSize, false),
        _ => (false, SharedFirst, SharedSize, true),
    };

    public static string NameOf(SqliteLockKind kind) => kind switch
    {
        SqliteLockKind.Connected => "CONNECTED",
        SqliteLockKind.WalRead => "WAL READ",
        SqliteLockKind.WalWrite => "WAL WRITE",
        SqliteLockKind.WalCheckpoint => "WAL CHECKPOINT",
        SqliteLockKind.WalReset => "WAL RESET",
        SqliteLockKind.WalRecovery => "WAL RECOVERY",
        SqliteLockKind.Shared => "SHARED",
        SqliteLockKind.Reserved => "RESERVED",
        SqliteLockKind.Pending => "PENDING",
        _ => "EXCLUSIVE",
    };

    /// <summary>
    /// Whether a lock of this kind is in the way of a session in this state. Nothing is in the way of one that was refused nothing.
    /// </summary>
    public static bool HoldsUp(SqliteLockKind kind, SqliteActivity session) => session switch
    {
        SqliteActivity.WaitsToRead => kind >= SqliteLockKind.Pending,
        SqliteActivity.WaitsToWrite or SqliteActivity.WaitsForTurn => kind >= SqliteLockKind.WalWrite,
        SqliteActivity.WaitsToCommit or SqliteActivity.GaveWay or SqliteActivity.WaitsToVacuum
            => kind is SqliteLockKind.Shared or >= SqliteLockKind.WalWrite,
        SqliteActivity.WaitsToCheckpoint
            => kind is SqliteLockKind.WalRead or SqliteLockKind.WalCheckpoint or SqliteLockKind.WalWrite or >= SqliteLockKind.WalReset,
        SqliteActivity.WaitsForAll => true,
        _ => false,
    };
}
