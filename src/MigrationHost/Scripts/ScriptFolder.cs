namespace MigrationHost.Scripts;

/// <summary>Reads and checks every migration file of a folder before any database is touched.</summary>
internal static class ScriptFolder
{
    /// <summary>The scripts in the order of their versions, and every problem of every file. Where there are problems, the scripts are not to be used.</summary>
    /// <param name="configured">The folder as it is configured, for messages.</param>
    /// <param name="fullPath">The folder to read.</param>
    /// <exception cref="MigrationException">The folder or a file in it cannot be read.</exception>
    public static (IReadOnlyList<MigrationScript> Scripts, IReadOnlyList<ScriptProblem> Problems) Read(string configured, string fullPath)
    {
        var paths = FilesIn(configured, fullPath);
        var files = new ScriptFile[paths.Length];
        Parallel.For(0, paths.Length, i => files[i] = ScriptFile.Read(Path.Combine(configured, Path.GetFileName(paths[i])), paths[i]));
        if (Array.Find(files, file => file.Unreadable is not null) is { } unreadable)
            throw Unreadable(unreadable.File, unreadable.Unreadable!);

        var scripts = files.Select(file => file.Script).OfType<MigrationScript>().OrderBy(script => script.Version).ToList();
        return (scripts, [.. files.SelectMany(file => file.Problems), .. Twice(scripts)]);
    }

    private static string[] FilesIn(string configured, string fullPath)
    {
        try
        {
            return [.. Directory.EnumerateFiles(fullPath)
                .Where(path => Path.GetExtension(path).Equals(".sql", StringComparison.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(configured, e.Message);
        }
    }

    private static IEnumerable<ScriptProblem> Twice(IReadOnlyList<MigrationScript> scripts) =>
        scripts.Zip(scripts.Skip(1))
            .Where(pair => pair.First.Version == pair.Second.Version)
            .Select(pair => new ScriptProblem(pair.Second.File, null, $"has version {pair.Second.Version}, and so has {pair.First.File}; give each file a version of its own"));

    private static MigrationException Unreadable(string path, string why) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{path} cannot be read: {why}",
        File = path,
        Hint = "Check that it exists and that this process's user may read it.",
    });
}
