using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The locks of a database at one moment, as the kernel's table shows them: neither the file nor a connection is opened for it.
/// </summary>
/// <param name="Holders">What each process holds, this one included.</param>
/// <param name="TurnHolders">The processes that have the turn's file locked.</param>
/// <param name="InWalMode">Whether the database is in WAL mode.</param>
/// <param name="Unsure">Processes with a lock on a file of the same number, of which the system does not show whether it is ours.</param>
internal sealed record SqliteSnapshot(
    IReadOnlyList<SqliteHolder> Holders, IReadOnlyList<int> TurnHolders, bool InWalMode, IReadOnlyList<int> Unsure)
{
    /// <summary>What this process holds; null if nothing.</summary>
    public SqliteHolder? Own => Holders.FirstOrDefault(holder => holder.Pid == Environment.ProcessId);

    /// <summary>A look; null if the system does not show locks.</summary>
    public static SqliteSnapshot? Read(string path)
    {
        if (ProcLocks.Read() is not { } locks || FileIdentity.Of("/proc/locks") is null)
            return null;
        var unsure = new List<int>();
        var onShm = On(SqliteFile.Shm(path), locks, unsure);
        var onDatabase = On(path, locks, unsure);
        var turn = On(TurnFile.PathFor(path), locks, unsure).Where(held => held.WholeFile).Select(held => held.Pid);
        return new SqliteSnapshot(SqliteHolder.All(onDatabase, onShm), [.. turn], onShm.Count > 0, [.. unsure.Distinct()]);
    }

    // Overlay file systems can show another device in /proc/locks than statx does: then an open descriptor decides.
    private static List<FileLock> On(string file, IReadOnlyList<FileLock> locks, List<int> unsure)
    {
        if (FileIdentity.Of(file) is not { } identity)
            return [];
        var found = new List<FileLock>();
        foreach (var held in locks.Where(held => held.File.Inode == identity.Inode && !OwnChildren.Contains(held.Pid)))
        {
            if (held.File == identity)
                found.Add(held);
            else if (ProcessInfo.OpenDescriptors(held.Pid, file) is not { } open)
                unsure.Add(held.Pid);
            else if (open > 0)
                found.Add(held);
        }
        return found;
    }
}
