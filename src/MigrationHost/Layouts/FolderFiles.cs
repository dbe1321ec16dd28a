using MigrationHost.Platform;

namespace MigrationHost.Layouts;

/// <summary>The files of a folder.</summary>
/// <param name="configured">The folder as it is configured.</param>
/// <param name="find">Says where it is; asked when it is first needed, since that may take as long as reading it.</param>
internal sealed class FolderFiles(string configured, Func<string> find) : MigrationFiles(configured)
{
    private readonly Lazy<string> _folder = new(find);

    public override string Folder => _folder.Value;

    public override string Place => Folder;

    public override IReadOnlyList<string> Files =>
        [.. Directory.EnumerateFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public override IReadOnlyList<string> Folders =>
        [.. Directory.EnumerateDirectories(Folder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public override IReadOnlyList<string> AllFiles =>
    [
        .. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    public override bool Has(string name) => File.Exists(Full(name));

    public override bool IsEmptyFolder(string name) => !Directory.EnumerateFileSystemEntries(Full(name)).Any();

    public override bool IsSpecial(string name) => FileIdentity.IsSpecial(Full(name));

    public override byte[] Read(string name) => File.ReadAllBytes(Full(name));

    public override ReadOnlyMemory<byte> ReadLarge(string name)
    {
        using var file = File.OpenHandle(Full(name));
        var (content, length) = (new byte[Size(RandomAccess.GetLength(file) + 1)], 0);
        while (RandomAccess.Read(file, content.AsSpan(length), length) is var read and > 0)
        {
            length += read;
            if (length == content.Length)
                Array.Resize(ref content, Size(2L * length));
        }
        return content.AsMemory(0, length);
    }

    private static int Size(long bytes) => bytes <= Array.MaxLength ? (int)bytes : throw new IOException("it is larger than 2 GB");

    private string Full(string name) => Path.Combine(Folder, name);
}
