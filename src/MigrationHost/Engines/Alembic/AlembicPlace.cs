namespace MigrationHost.Engines.Alembic;

/// <summary>Where a project is: the configured paths and what they mean.</summary>
internal sealed class AlembicPlace
{
    private readonly string _contentRoot;
    private readonly IEnumerable<string> _pythonPath;

    /// <param name="workingDirectory">As it is configured, relative to the content root; null for the content root itself.</param>
    /// <param name="config">As it is configured, relative to the working directory.</param>
    /// <param name="contentRoot">The content root.</param>
    /// <param name="pythonPath">Where installed packages are, relative to the working directory.</param>
    public AlembicPlace(string? workingDirectory, string config, string contentRoot, IEnumerable<string>? pythonPath = null)
    {
        _contentRoot = contentRoot;
        _pythonPath = pythonPath ?? [];
        WorkingDirectoryPath = Path.GetFullPath(workingDirectory ?? ".", contentRoot);
        WorkingDirectory = workingDirectory ?? WorkingDirectoryPath;
        ConfigPath = Path.GetFullPath(config, WorkingDirectoryPath);
        Config = Show(ConfigPath);
    }

    public static AlembicPlace Of(AlembicOptions options, string contentRoot) =>
        new(options.WorkingDirectory, options.Config, contentRoot, AlembicPythonPath.Of(options, contentRoot));

    /// <summary>The working directory, for messages.</summary>
    public string WorkingDirectory { get; }

    public string WorkingDirectoryPath { get; }

    /// <summary>The ini file, for messages.</summary>
    public string Config { get; }

    public string ConfigPath { get; }

    /// <summary>A path as people know it: from the content root where it is below, else in full.</summary>
    public string Show(string path) =>
        Path.GetRelativePath(_contentRoot, Path.GetFullPath(path, WorkingDirectoryPath)) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;

    /// <summary>The full path of a file as <see cref="Show"/> shows it.</summary>
    public string Full(string shown) => Path.GetFullPath(shown, _contentRoot);

    /// <summary>Whether a file is the project's own: below its working directory or the folder of its ini file, no installed package, and no text without a file such as <c>&lt;string&gt;</c>.</summary>
    public bool Contains(string path) =>
        !path.StartsWith('<') && !path.Contains("site-packages", StringComparison.Ordinal) && !path.Contains("dist-packages", StringComparison.Ordinal)
        && (IsBelow(path, WorkingDirectoryPath) || IsBelow(path, Path.GetDirectoryName(ConfigPath)!));

    /// <summary>The folder that Alembic means by a location: a path, or <c>package:path</c>.</summary>
    /// <param name="location">As the ini file names it.</param>
    /// <param name="prepended">Where the ini file has Python look for packages first.</param>
    /// <returns>Its full path; null where there is none.</returns>
    public string? Folder(string location, IEnumerable<string> prepended)
    {
        if (!Path.IsPathRooted(location) && location.Split(':') is [var package, var inside])
        {
            var relative = Path.Combine(package.Replace('.', Path.DirectorySeparatorChar), inside);
            return prepended.Prepend(".").Concat(_pythonPath).Select(root => Path.GetFullPath(relative, Path.GetFullPath(root, WorkingDirectoryPath))).FirstOrDefault(Directory.Exists);
        }
        var path = Path.GetFullPath(location, WorkingDirectoryPath);
        return Directory.Exists(path) ? path : null;
    }

    // A relative path in a traceback counts from where the tool ran.
    private bool IsBelow(string path, string folder) =>
        Path.GetRelativePath(folder, Path.GetFullPath(path, WorkingDirectoryPath)) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative);
}
