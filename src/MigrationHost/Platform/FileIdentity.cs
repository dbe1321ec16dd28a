namespace MigrationHost.Platform;

/// <summary>Which file a path names: device and inode, as /proc/locks shows them. Asked with statx, never by opening the file.</summary>
internal readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <summary>The file's identity; null if it does not exist, or the system does not say.</summary>
    public static FileIdentity? Of(string path) => FileStatus.Of(path)?.Identity;

    /// <summary>Whether a path names a pipe, a socket or a device: opening one may never return.</summary>
    public static bool IsSpecial(string path) => FileStatus.Of(path) is { Kind: FileKind.Special };
}
