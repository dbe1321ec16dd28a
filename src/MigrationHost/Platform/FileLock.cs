namespace MigrationHost.Platform;

/// <summary>One line of /proc/locks: a lock that a process holds on a range of a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Pid">The holder's process id.</param>
/// <param name="Exclusive">A write lock; else a read lock.</param>
/// <param name="WholeFile">Made with flock rather than fcntl.</param>
/// <param name="From">The first byte.</param>
/// <param name="To">The last byte.</param>
internal readonly record struct FileLock(FileIdentity File, int Pid, bool Exclusive, bool WholeFile, long From, long To)
{
    public bool Covers(long offset) => From <= offset && offset <= To;
}
