namespace MigrationHost.Databases.PostgreSql;

/// <summary>The modes of locks as pg_locks calls them, and which of them conflict.</summary>
/// <remarks><see href="https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"/></remarks>
internal static class LockModes
{
    // From the weakest to the strongest; with each, the ones it conflicts with.
    private static readonly (string Mode, string[] ConflictsWith)[] Table =
    [
        ("AccessShareLock", ["AccessExclusiveLock"]),
        ("RowShareLock", ["ExclusiveLock", "AccessExclusiveLock"]),
        ("RowExclusiveLock", ["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]),
        ("ShareUpdateExclusiveLock", ["ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]),
        ("ShareLock", ["RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]),
        ("ShareRowExclusiveLock", ["RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]),
        ("ExclusiveLock", ["RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]),
        ("AccessExclusiveLock", ["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]),
    ];

    public static bool Conflict(string one, string other) => Strength(one) is >= 0 and var row && Table[row].ConflictsWith.Contains(other);

    /// <summary>The higher, the stronger; negative for what is no mode of a table's lock.</summary>
    public static int Strength(string mode) => Array.FindIndex(Table, row => row.Mode == mode);
}
