using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Translates byte ranges of the database file and its -shm into SQLite's locks.</summary>
internal static class SqliteLocks
{
    // os_unix.c: PENDING_BYTE, RESERVED_BYTE, SHARED_FIRST and SHARED_SIZE.
    private const long PendingByte = 0x40000000;
    private const long ReservedByte = PendingByte + 1;
    private const long SharedFirst = PendingByte + 2;

    // os_unix.c and wal.c: UNIX_SHM_BASE, then WRITE, CKPT, RECOVER and five READ locks.
    private const long WalWriteByte = 120;
    private const long WalCheckpointByte = 121;
    private const long WalRecoveryByte = 122;
    private const long WalReadFirst = 123;
    private const long WalReadLast = 127;

    /// <summary>The locks that one lock line on the database file stands for. A wide write lock over all of them is EXCLUSIVE alone.</summary>
    /// <param name="held">The line.</param>
    /// <param name="inWalMode">There, SHARED says no more than that somebody is connected.</param>
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
        for (var reader = WalReadFirst; reader <= WalReadLast; reader++)
        {
            if (held.Covers(reader) && !held.Exclusive)
            {
                yield return SqliteLockKind.WalRead;
                break;
            }
        }
    }

    public static string NameOf(SqliteLockKind kind) => kind switch
    {
        SqliteLockKind.Connected => "CONNECTED",
        SqliteLockKind.WalRead => "WAL READ",
        SqliteLockKind.WalWrite => "WAL WRITE",
        SqliteLockKind.WalCheckpoint => "WAL CHECKPOINT",
        SqliteLockKind.WalRecovery => "WAL RECOVERY",
        SqliteLockKind.Shared => "SHARED",
        SqliteLockKind.Reserved => "RESERVED",
        SqliteLockKind.Pending => "PENDING",
        _ => "EXCLUSIVE",
    };

    public static string StateOf(SqliteLockKind kind) => kind switch
    {
        SqliteLockKind.Connected => "has the file open",
        SqliteLockKind.WalRead or SqliteLockKind.Shared => "read transaction open",
        SqliteLockKind.WalCheckpoint => "makes a checkpoint",
        SqliteLockKind.WalRecovery => "recovers the write-ahead log",
        SqliteLockKind.Pending => "commit waits for readers",
        SqliteLockKind.Exclusive => "exclusive transaction open, or commits",
        _ => "write transaction open",
    };

    /// <summary>Whether somebody with this lock is in the way of a session in this state.</summary>
    public static bool HoldsUp(SqliteLockKind kind, SqliteActivity session) => session switch
    {
        SqliteActivity.WaitsToRead => kind >= SqliteLockKind.Pending,
        SqliteActivity.WaitsToWrite => kind >= SqliteLockKind.WalWrite,
        SqliteActivity.WaitsToCommit or SqliteActivity.GaveWay or SqliteActivity.Writes => kind >= SqliteLockKind.Shared,
        SqliteActivity.WaitsForAll => true,
        SqliteActivity.WaitsForTurn => kind >= SqliteLockKind.WalWrite,
        _ => false,
    };
}
