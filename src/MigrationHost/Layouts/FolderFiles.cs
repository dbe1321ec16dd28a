using System.IO.Enumeration;
using System.Text.RegularExpressions;
using MigrationHost.Platform;

namespace MigrationHost.Layouts;

/// <summary>The files of a folder.</summary>
/// <param name="configured">The folder as it is configured.</param>
/// <param name="find">Says where it is; asked when it is first needed, since that may take as long as reading it.</param>
internal sealed partial class FolderFiles(string configured, Func<string> find) : MigrationFiles(configured)
{
    // Hidden files are there as well, and a folder that may not be read is no empty one.
    private static readonly EnumerationOptions All = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private static readonly EnumerationOptions AllBelow =
        new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false, RecurseSubdirectories = true };

    private static readonly EnumerationOptions Near = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = true,
        RecurseSubdirectories = true,
        MaxRecursionDepth = 3,
    };

    private readonly Lazy<string> _folder = new(find);

    public override string Folder => _folder.Value;

    public override string Place => Folder;

    public override IReadOnlyList<string> Files => Top.Files;

    public override IReadOnlyList<string> Folders => Top.Folders;

    // A folder in the place of a script is told as one: Docker makes it where the file to mount does not exist.
    public override (IReadOnlyList<string> Files, IReadOnlyList<string> Folders) Top
    {
        get
        {
            var folders = new List<string>();
            var files = Names(new FileSystemEnumerable<string>(Folder, NameOf, All)
            {
                ShouldIncludePredicate = (ref entry) =>
                {
                    if (!entry.IsDirectory)
                        return true;
                    folders.Add(NameOf(ref entry));
                    return NumberedScript().IsMatch(entry.FileName);
                },
            });
            return (files, Names(folders));
        }
    }

    // Kubernetes mounts the files of a ConfigMap as links into hidden folders beside them. A link may lead back to a folder above it.
    public override IReadOnlyList<string> AllFiles
    {
        get
        {
            HashSet<FileIdentity?> entered = [FileIdentity.Of(Folder)];
            return Names(new FileSystemEnumerable<string>(Folder, (ref entry) => Relative(Folder, ref entry), AllBelow)
            {
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
                ShouldRecursePredicate = (ref entry) => !entry.FileName.StartsWith('.')
                    && (FileIdentity.Of(entry.ToFullPath()) is not { } folder || entered.Add(folder)),
            });
        }
    }

    public override IReadOnlyList<string> FilesBelow(string folder)
    {
        var full = Full(folder);
        return Names(new FileSystemEnumerable<string>(full, (ref entry) => Relative(full, ref entry), Near)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref entry) => !entry.FileName.StartsWith('.'),
        });
    }

    public override bool Has(string name) => File.Exists(Full(name));

    public override bool IsEmptyFolder(string name) => !Directory.EnumerateFileSystemEntries(Full(name)).Any();

    public override string? WhyNoFile(string name)
    {
        var path = Full(name);
        return FileStatus.Of(path) switch
        {
            // Opening one may never return.
            { Kind: FileKind.Special } => "it is a pipe, a socket or a device",
            { Kind: FileKind.Folder } => "it is a folder; Docker makes one if the file to mount there does not exist",
            { Kind: FileKind.Regular, Length: > int.MaxValue } => "it is larger than 2 GB",
            null when FileStatus.Of(path, followLinks: false) is { Kind: FileKind.Link } =>
                "it is a link, and what it points to does not exist or may not be reached",
            _ => null,
        };
    }

    public override byte[] Read(string name) => File.ReadAllBytes(Full(name));

    public override ReadOnlyMemory<byte> ReadLarge(string name) => ReadableFile.TryRead(Full(name)) ?? ReadElse(name);

    // Says why it cannot be read, or waits for one that another process has a lease on.
    private byte[] ReadElse(string name) => WhyNoFile(name) is { } why ? throw new IOException(why) : Read(name);

    private static string NameOf(ref FileSystemEntry entry) => entry.FileName.ToString();

    private static string Relative(string folder, ref FileSystemEntry entry) =>
        Path.GetRelativePath(folder, entry.ToFullPath()).Replace('\\', '/');

    private static string[] Names(IEnumerable<string> names)
    {
        string[] sorted = [.. names];
        Array.Sort(sorted, StringComparer.Ordinal);
        return sorted;
    }

    [GeneratedRegex(@"^\d+_.*\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex NumberedScript();

    private string Full(string name) => Path.Combine(Folder, name);
}
