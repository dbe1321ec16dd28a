namespace MigrationHost.Layouts;

/// <summary>What is in a folder.</summary>
/// <param name="path">The folder to read.</param>
internal sealed class FolderNames(string path)
{
    /// <summary>The files in it, by name.</summary>
    public IReadOnlyList<string> Files { get; } =
        [.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>The folders in it, by name.</summary>
    public IReadOnlyList<string> Folders { get; } =
        [.. Directory.EnumerateDirectories(path).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    public bool Has(string name) => File.Exists(Path.Combine(path, name));

    public bool IsEmptyFolder(string name) => !Directory.EnumerateFileSystemEntries(Path.Combine(path, name)).Any();

    /// <summary>The files of all folders below it, as <c>folder/file</c>.</summary>
    public IEnumerable<string> AllFiles =>
        Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(path, file).Replace('\\', '/')).Order(StringComparer.Ordinal);

    public byte[] Read(string name) => File.ReadAllBytes(Path.Combine(path, name));
}
