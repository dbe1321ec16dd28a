using System.Runtime.InteropServices;

namespace MigrationHost.Platform;

/// <summary>The kernel's word that nobody has a file open: a write lease is granted only then, whatever namespaces the others are in.
/// <see href="https://man7.org/linux/man-pages/man2/F_SETLEASE.2const.html"/></summary>
internal static unsafe partial class FileLease
{
    private const int SetLease = 1024;
    private const int NoDescriptor = -1;
    private const int DoNotHang = 1;
    private const int Polls = 100;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether no process, this one included, has the file open right now. False also if nobody can say: the file is another
    /// user's or on a network, or this is not Linux.</summary>
    /// <remarks>A child asks: to close the file here would drop every lock that SQLite has on it in this process. Between fork and exit the
    /// child makes three calls and nothing else, since none of this process's other threads is there in it. One that still hangs is
    /// killed.</remarks>
    public static bool IsOpenNowhere(string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var name = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            // The child cannot look for functions that it calls for the first time.
            _ = Control(NoDescriptor, LibC.GetDescriptorFlags, 0);
            _ = Open(null, 0);
            Marshal.Prelink(((Action<int>)Exit).Method);
            var child = Fork();
            if (child == 0)
                Exit(Control(Open(name, LibC.OpenNonBlocking | LibC.OpenCloseOnExec), SetLease, LibC.WriteLock) == 0 ? 0 : 1);
            return child > 0 && Succeeds(child);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)name);
        }
    }

    private static bool Succeeds(int child)
    {
        using var never = new ManualResetEventSlim();
        for (var i = 0; i < Polls; i++)
        {
            var ended = LibC.WaitPid(child, out var status, DoNotHang);
            if (ended != 0)
                return ended == child && status == 0;
            never.Wait(PollInterval);
        }
        _ = LibC.Kill(child, LibC.SigKill);
        _ = LibC.WaitPid(child, out _, 0);
        return false;
    }

    [LibraryImport("libc", EntryPoint = "fork")]
    private static partial int Fork();

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
