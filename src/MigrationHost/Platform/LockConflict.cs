namespace MigrationHost.Platform;

/// <summary>Who has a lock that conflicts with one that was asked about.</summary>
/// <param name="Kind">What is known of the holder.</param>
/// <param name="Pid">Its process id, if it is a process that can be seen from here.</param>
internal readonly record struct LockConflict(LockConflictKind Kind, int? Pid = null)
{
    public static readonly LockConflict Nobody = new(LockConflictKind.Nobody);
    public static readonly LockConflict Hidden = new(LockConflictKind.Hidden);
    public static readonly LockConflict OpenFile = new(LockConflictKind.OpenFile);
}
