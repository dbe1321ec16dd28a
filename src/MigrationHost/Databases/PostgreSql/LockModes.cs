namespace MigrationHost.Databases.PostgreSql;

/// <summary>The modes of locks as pg_locks calls them, and which of them conflict.</summary>
/// <remarks><see href="https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"/></remarks>
internal static class LockModes
{
    public const string AccessShare = "AccessShareLock";
    public const string ShareUpdateExclusive = "ShareUpdateExclusiveLock";

    private const string RowShare = "RowShareLock";
    private const string RowExclusive = "RowExclusiveLock";
    private const string Share = "ShareLock";
    private const string ShareRowExclusive = "ShareRowExclusiveLock";
    private const string Exclusive = "ExclusiveLock";
    private const string AccessExclusive = "AccessExclusiveLock";

    // From the weakest to the strongest; with each, the ones it conflicts with.
    private static readonly (string Mode, string[] ConflictsWith)[] Table =
    [
        (AccessShare, [AccessExclusive]),
        (RowShare, [Exclusive, AccessExclusive]),
        (RowExclusive, [Share, ShareRowExclusive, Exclusive, AccessExclusive]),
        (ShareUpdateExclusive, [ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive]),
        (Share, [RowExclusive, ShareUpdateExclusive, ShareRowExclusive, Exclusive, AccessExclusive]),
        (ShareRowExclusive, [RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive]),
        (Exclusive, [RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive]),
        (AccessExclusive,
            [AccessShare, RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive]),
    ];

    /// <summary>The modes that keep out VACUUM, as an SQL array: no reader and no writer of a table takes one of them.</summary>
    public static string FeltByMaintenance { get; } = $"ARRAY[{string.Join(
        ", ", Table.Where(row => row.ConflictsWith.Contains(ShareUpdateExclusive)).Select(row => PostgreSqlName.Literal(row.Mode)))}]";

    public static bool Conflict(string one, string other) => Strength(one) is >= 0 and var row && Table[row].ConflictsWith.Contains(other);

    /// <summary>Whether nobody can write to a table meanwhile. Every change of a schema writes to the server's catalogs.</summary>
    public static bool KeepsOutWriters(string mode) => Conflict(mode, RowExclusive);

    /// <summary>Whether it is the lock of those who write to a table, or a stronger one.</summary>
    public static bool IsToWrite(string mode) => Strength(mode) >= Strength(RowExclusive);

    /// <summary>The higher, the stronger; negative for what is not a mode of a table's lock.</summary>
    public static int Strength(string mode) => Array.FindIndex(Table, row => row.Mode == mode);
}
