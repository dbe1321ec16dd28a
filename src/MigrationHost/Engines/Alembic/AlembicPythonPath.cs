using MigrationHost.Tools;

namespace MigrationHost.Engines.Alembic;

/// <summary>Where the tool's Python looks for packages besides the project's own folders, as far as can be told without running it.</summary>
internal static class AlembicPythonPath
{
    private static readonly string[] Names = ["site-packages", "dist-packages"];

    /// <summary>The folders of PYTHONPATH, and those for packages beside the program.</summary>
    public static IEnumerable<string> Of(AlembicOptions options, string contentRoot)
    {
        var variable = options.Environment.TryGetValue("PYTHONPATH", out var own) ? own : Environment.GetEnvironmentVariable("PYTHONPATH");
        foreach (var folder in (variable ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
        if (ExecutableFile.Find(options.Executable, contentRoot, CommandReader.SearchPath(options.Environment)) is not { } executable)
            yield break;
        foreach (var folder in Beside(File.ResolveLinkTarget(executable, returnFinalTarget: true)?.FullName ?? executable))
            yield return folder;
    }

    // venv/bin/alembic has its packages in venv/lib/python3.11/site-packages, and on Windows venv\Scripts\alembic.exe in venv\Lib\site-packages.
    private static IEnumerable<string> Beside(string executable)
    {
        var library = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(executable)) ?? "/", OperatingSystem.IsWindows() ? "Lib" : "lib");
        if (!Directory.Exists(library))
            return [];
        return Directory.EnumerateDirectories(library, "python3*", new EnumerationOptions { IgnoreInaccessible = true })
            .Order(StringComparer.Ordinal)
            .Prepend(library)
            .SelectMany(folder => Names, Path.Combine)
            .Where(Directory.Exists);
    }
}
