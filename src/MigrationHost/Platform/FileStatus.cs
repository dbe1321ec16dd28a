using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MigrationHost.Platform;

/// <summary>
/// What Linux says of a file without its being opened: a process that opens and closes an SQLite file a second way drops its own locks.
/// </summary>
/// <param name="Identity">Device and inode.</param>
/// <param name="Kind">A regular file, or what else.</param>
/// <param name="Permissions">The permission bits.</param>
/// <param name="User">The owner's user id.</param>
/// <param name="Group">The owner's group id.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ModifiedAt">When its content was last changed, in nanoseconds since 1970.</param>
internal readonly partial record struct FileStatus(
    FileIdentity Identity, FileKind Kind, UnixFileMode Permissions, uint User, uint Group, long Length, long ModifiedAt)
{
    private const int NoFollow = 0x100;
    private const ulong MountRoot = 0x2000;
    private const int OfDescriptor = 0x1000;
    private const uint BasicStats = 0x7FF;

    /// <summary>How many names it has in its file system.</summary>
    public uint Names { get; init; }

    /// <summary>Whether something is mounted there: the file by itself, or a folder. Linux before 5.8 does not say.</summary>
    public bool IsMount { get; init; }

    /// <summary>The file at a path; null if it does not exist, may not be seen, or the system does not say.</summary>
    public static FileStatus? Of(string path, bool followLinks = true) => Ask(LibC.CurrentDirectory, path, followLinks ? 0 : NoFollow);

    /// <summary>An open file; null if the system does not say.</summary>
    public static FileStatus? Of(SafeFileHandle file) => Of((int)file.DangerousGetHandle());

    /// <inheritdoc cref="Of(SafeFileHandle)"/>
    public static FileStatus? Of(int descriptor) => Ask(descriptor, "", OfDescriptor);

    private static FileStatus? Ask(int directory, string path, int flags)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            return Statx(directory, path, flags, BasicStats, out var stat) == 0 ? From(stat) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static FileStatus From(StatxBuffer stat) => new(
        new FileIdentity(stat.DeviceMajor, stat.DeviceMinor, stat.Inode),
        KindOf(stat.Mode),
        (UnixFileMode)(stat.Mode & 0xFFF),
        stat.User,
        stat.Group,
        (long)stat.Size,
        stat.ModifiedSeconds * 1_000_000_000 + stat.ModifiedNanoseconds)
    {
        Names = stat.Names,
        IsMount = (stat.Attributes & MountRoot) != 0,
    };

    private static FileKind KindOf(int mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Folder,
        0xA000 => FileKind.Link,
        _ => FileKind.Special,
    };

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    // struct statx of linux/stat.h: 256 bytes, the same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(8)] public ulong Attributes;
        [FieldOffset(16)] public uint Names;
        [FieldOffset(20)] public uint User;
        [FieldOffset(24)] public uint Group;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
