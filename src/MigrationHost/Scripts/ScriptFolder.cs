namespace MigrationHost.Scripts;

/// <summary>Reads and checks every migration file of a folder before any database is touched.</summary>
internal static class ScriptFolder
{
    /// <summary>The scripts in the order of their versions, and every problem of every file. Where there are problems, the scripts are not to be used.</summary>
    /// <param name="configured">The folder as it is configured, for messages.</param>
    /// <param name="fullPath">The folder to read.</param>
    public static (IReadOnlyList<MigrationScript> Scripts, IReadOnlyList<ScriptProblem> Problems) Read(string configured, string fullPath)
    {
        string[] paths;
        try
        {
            paths = FilesIn(fullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], [Unreadable(configured, e)]);
        }
        var files = new ScriptFile[paths.Length];
        Parallel.For(0, paths.Length, i => files[i] = ScriptFile.Read(Path.Combine(configured, Path.GetFileName(paths[i])), paths[i]));
        var scripts = files.Select(file => file.Script).OfType<MigrationScript>().OrderBy(script => script.Version).ToList();
        return (scripts, [.. files.SelectMany(file => file.Problems), .. Twice(scripts)]);
    }

    /// <summary>A file, or the folder itself, that could not be read.</summary>
    public static ScriptProblem Unreadable(string path, Exception why) => new(path, null, $"cannot be read: {why.Message}") { Unreadable = true };

    private static string[] FilesIn(string fullPath) =>
    [
        .. Directory.EnumerateFiles(fullPath)
            .Where(path => Path.GetExtension(path).Equals(".sql", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<ScriptProblem> Twice(IReadOnlyList<MigrationScript> scripts) =>
        scripts.Zip(scripts.Skip(1))
            .Where(pair => pair.First.Version == pair.Second.Version)
            .Select(pair => new ScriptProblem(pair.Second.File, null, $"has version {pair.Second.Version}, and so has {pair.First.File}; give each file a version of its own"));
}
