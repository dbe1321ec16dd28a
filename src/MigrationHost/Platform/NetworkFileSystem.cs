namespace MigrationHost.Platform;

/// <summary>Tells file systems whose locks cross a network.</summary>
internal static class NetworkFileSystem
{
    private static readonly string[] Kinds =
        ["nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "sshfs", "gpfs", "glusterfs", "virtiofs"];

    /// <param name="kind">A file system's name as the system gives it, for example <c>nfs4</c>.</param>
    public static bool Is(string kind) => Kinds.Any(network => kind.Contains(network, StringComparison.OrdinalIgnoreCase));

    /// <summary>The kind of network file system that a file is on; null if it is on none, or that is not known.</summary>
    public static string? KindOf(string path)
    {
        try
        {
            return Path.GetDirectoryName(path) is { } folder && new DriveInfo(folder).DriveFormat is var kind && Is(kind) ? kind : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
