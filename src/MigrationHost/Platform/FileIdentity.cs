using System.Runtime.InteropServices;

namespace MigrationHost.Platform;

/// <summary>Which file a path names: device and inode, as /proc/locks shows them. Asked of the path with statx, never by opening it.</summary>
internal readonly partial record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    private const int CurrentDirectory = -100;
    private const uint BasicStats = 0x7FF;
    private const int TypeMask = 0xF000;
    private const int RegularType = 0x8000;
    private const int DirectoryType = 0x4000;

    /// <summary>The file's identity; null where there is none, or the system does not tell.</summary>
    public static FileIdentity? Of(string path) => Ask(path) is { } stat ? new FileIdentity(stat.DeviceMajor, stat.DeviceMinor, stat.Inode) : null;

    /// <summary>Whether a path names a pipe, a socket or a device: opening one may never return.</summary>
    public static bool IsSpecial(string path) => Ask(path) is { } stat && (stat.Mode & TypeMask) is not (RegularType or DirectoryType);

    private static StatxBuffer? Ask(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            return Statx(CurrentDirectory, path, 0, BasicStats, out var stat) == 0 ? stat : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    // struct statx of linux/stat.h: 256 bytes, the same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
