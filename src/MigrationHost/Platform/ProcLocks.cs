using System.Globalization;

namespace MigrationHost.Platform;

/// <summary>Reads the kernel's table of file locks. <see href="https://man7.org/linux/man-pages/man5/proc_locks.5.html"/></summary>
internal static class ProcLocks
{
    /// <summary>The locks that can be seen; null if the system does not show any.</summary>
    public static IReadOnlyList<FileLock>? Read()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Parse(File.ReadLines("/proc/locks")) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Parses lines such as <c>1: POSIX  ADVISORY  WRITE 4837 08:01:123456 1073741825 1073741825</c>.
    /// Lines with an arrow are of those who wait.
    /// </summary>
    public static IReadOnlyList<FileLock> Parse(IEnumerable<string> lines)
    {
        var locks = new List<FileLock>();
        foreach (var line in lines)
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 8 && fields[1] is "POSIX" or "FLOCK" or "OFDLCK"
                && int.TryParse(fields[4], CultureInfo.InvariantCulture, out var pid)
                && ParseFile(fields[5]) is { } file
                && long.TryParse(fields[6], CultureInfo.InvariantCulture, out var from))
            {
                var to = long.TryParse(fields[7], CultureInfo.InvariantCulture, out var end) ? end : long.MaxValue;
                locks.Add(new FileLock(file, pid, fields[3] == "WRITE", fields[1] == "FLOCK", from, to));
            }
        }
        return locks;
    }

    private static FileIdentity? ParseFile(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 3
            && uint.TryParse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var major)
            && uint.TryParse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var minor)
            && ulong.TryParse(parts[2], CultureInfo.InvariantCulture, out var inode)
            ? new FileIdentity(major, minor, inode)
            : null;
    }
}
