namespace MigrationHost.Platform;

/// <summary>What a path names.</summary>
internal enum FileKind
{
    /// <summary>A file with content.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link; only reported if links are not followed.</summary>
    Link,

    /// <summary>A pipe, a socket or a device.</summary>
    Special,
}
