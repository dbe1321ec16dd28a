namespace MigrationHost.Platform;

/// <summary>Tells file systems whose locks cross a network.</summary>
internal static class NetworkFileSystem
{
    private static readonly string[] Kinds = ["nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "sshfs", "gpfs", "glusterfs"];

    /// <param name="kind">A file system's name as the system gives it, for example <c>nfs4</c>.</param>
    public static bool Is(string kind) => Kinds.Any(network => kind.Contains(network, StringComparison.OrdinalIgnoreCase));
}
