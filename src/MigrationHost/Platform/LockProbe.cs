using System.Globalization;

namespace MigrationHost.Platform;

/// <summary>
/// Asks the kernel who else has a POSIX lock on a range of a file that this process has open (F_GETLK of
/// <see href="https://man7.org/linux/man-pages/man2/fcntl_locking.2.html">fcntl</see>).
/// </summary>
/// <remarks>
/// Unlike /proc/locks it knows the locks of other PID namespaces too, and never reports those of this process: so it tells a
/// holder that is hidden from one in this very process. It borrows a descriptor that SQLite has open: to open and close
/// another would drop the process's locks on the file.
/// </remarks>
internal static class LockProbe
{
    /// <summary>Who would refuse us a lock on this range; null if that cannot be asked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="from">The first byte.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="exclusive">Whether read locks count too.</param>
    public static LockConflict? Ask(string path, long from, long length, bool exclusive)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || OpenDescriptor(path) is not { } descriptor)
            return null;
        var query = new LibC.LockQuery { Type = exclusive ? LibC.WriteLock : LibC.ReadLock, From = from, Length = length };
        if (LibC.Fcntl(descriptor, LibC.QueryLock, ref query) != 0 || ProcessInfo.Link(Descriptor(descriptor)) != path)
            return null;
        return query.Type == LibC.NoLock ? LockConflict.Nobody
            : query.Pid > 0 ? new LockConflict(LockConflictKind.Process, query.Pid)
            : query.Pid < 0 ? LockConflict.OpenFile
            : LockConflict.Hidden;
    }

    private static int? OpenDescriptor(string path)
    {
        try
        {
            foreach (var descriptor in Directory.EnumerateFiles("/proc/self/fd"))
            {
                if (ProcessInfo.Link(descriptor) == path)
                    return int.Parse(Path.GetFileName(descriptor.AsSpan()), CultureInfo.InvariantCulture);
            }
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Descriptor(int number) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{number}");
}
