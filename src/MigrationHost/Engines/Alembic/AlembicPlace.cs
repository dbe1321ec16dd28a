namespace MigrationHost.Engines.Alembic;

/// <summary>Where a project is: the configured paths and what they mean.</summary>
internal sealed class AlembicPlace
{
    /// <param name="workingDirectory">As it is configured, relative to the content root; null for the content root itself.</param>
    /// <param name="config">As it is configured, relative to the working directory.</param>
    /// <param name="contentRoot">The content root.</param>
    public AlembicPlace(string? workingDirectory, string config, string contentRoot)
    {
        Root = Path.GetFullPath(contentRoot).TrimEnd(Path.DirectorySeparatorChar);
        WorkingDirectoryPath = Path.GetFullPath(workingDirectory ?? ".", contentRoot);
        ConfigPath = Path.GetFullPath(config, WorkingDirectoryPath);
        Config = Show(ConfigPath);
    }

    /// <summary>The content root.</summary>
    public string Root { get; }

    public string WorkingDirectoryPath { get; }

    /// <summary>The ini file or pyproject.toml, for messages.</summary>
    public string Config { get; }

    public string ConfigPath { get; }

    /// <summary>A path as people know it: from the content root where it is below, else in full.</summary>
    public string Show(string path) =>
        Path.GetRelativePath(Root, Path.GetFullPath(path, WorkingDirectoryPath)) is var relative
            && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;

    /// <summary>
    /// Whether a file is the project's own: below its working directory or the folder of its ini file, no installed package, and no text
    /// without a file such as <c>&lt;string&gt;</c>.
    /// </summary>
    public bool Contains(string path) =>
        !path.StartsWith('<') && !path.Contains("site-packages", StringComparison.Ordinal)
            && !path.Contains("dist-packages", StringComparison.Ordinal)
        && (IsBelow(path, WorkingDirectoryPath) || IsBelow(path, Path.GetDirectoryName(ConfigPath)!));

    /// <summary>The text of a file as <see cref="Show"/> shows it; empty if it cannot be read, for then it explains nothing.</summary>
    public string Text(string shown)
    {
        try
        {
            return File.ReadAllText(Path.GetFullPath(shown, Root));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // A relative path in a traceback counts from where the tool ran.
    private bool IsBelow(string path, string folder) =>
        Path.GetRelativePath(folder, Path.GetFullPath(path, WorkingDirectoryPath)) is var relative
            && !relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative);
}
