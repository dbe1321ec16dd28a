using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Reads and checks every migration file of a folder before any database is touched.</summary>
internal static class ScriptFolder
{
    /// <summary>The files of a sub-folder or of the folder above that show whose folder it is.</summary>
    private static readonly string[] TellingNames = ["up.sql", "migration.sql", "_journal.json"];

    private const string PlanBeside = "../sqitch.plan";

    /// <summary>The scripts, and everything that is to be said about the files.</summary>
    /// <param name="configured">The folder as it is configured, for messages.</param>
    /// <param name="fullPath">The folder to read.</param>
    public static ScriptSet Read(string configured, string fullPath) => Read(configured, fullPath, new FilesInHand(TimeProvider.System));

    /// <inheritdoc cref="Read(string, string)"/>
    /// <param name="configured">The folder as it is configured, for messages.</param>
    /// <param name="fullPath">The folder to read.</param>
    /// <param name="files">Is told which files are being read.</param>
    public static ScriptSet Read(string configured, string fullPath, FilesInHand files)
    {
        var empty = new ScriptSet(configured, fullPath);
        try
        {
            var names = Directory.EnumerateFiles(fullPath).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray();
            return Read(empty, names, FolderMarks.Find(configured, [.. names, .. NamesAround(fullPath)]), files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return empty with { Problems = [Unreadable(configured, e)] };
        }
    }

    /// <summary>A file, or the folder itself, that could not be read.</summary>
    public static ScriptProblem Unreadable(string path, Exception why) =>
        new(path, null, $"cannot be read: {why.Message}") { Unreadable = true };

    private static ScriptSet Read(ScriptSet set, string[] names, (ScriptFinding Finding, FolderMark Mark)? marked, FilesInHand inHand)
    {
        var sql = names
            .Where(name => name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase))
            .Select(name => new ScriptName(name))
            .ToList();
        var named = sql.Where(name => name.Version is not null).ToList();
        var upOf = named.Where(name => !name.IsDown).ToLookup(name => name.Version!);
        var downOf = named.Where(name => name.IsDown && upOf.Contains(name.Version!)).ToLookup(name => name.Version!);
        var toRead = named.Where(name => !name.IsDown || !upOf.Contains(name.Version!)).ToArray();

        var files = new ScriptFile[toRead.Length];
        Parallel.For(0, toRead.Length, i => files[i] = ScriptFile.Read(
            toRead[i],
            Path.Combine(set.Folder, toRead[i].Name),
            Path.Combine(set.FullPath, toRead[i].Name),
            downOf[toRead[i].Version!].FirstOrDefault()?.Name,
            inHand));

        var scripts = files.Select(file => file.Script).OfType<MigrationScript>().OrderBy(script => script.Version).ToList();
        var wrongNames = sql
            .Where(name => name.Version is null)
            .Select(name => new ScriptProblem(Path.Combine(set.Folder, name.Name), null, ScriptName.Wrong))
            .Concat(Twice(scripts))
            .ToList();

        // A tool that names its files otherwise is told once, not by every one of them.
        if (wrongNames.Count > 0 && marked is { Mark.NamesFiles: true })
            wrongNames = [.. ScriptFinding.ToProblems([marked.Value.Finding])];
        var problems = files.SelectMany(file => file.Problems).Concat(wrongNames);
        return set with
        {
            Scripts = scripts,
            Problems = [.. problems.OrderBy(problem => problem.File, StringComparer.Ordinal)],
            Findings = marked is null ? [] : [marked.Value.Finding],
        };
    }

    private static IEnumerable<string> NamesAround(string fullPath) =>
    [
        .. from folder in Directory.EnumerateDirectories(fullPath)
           from name in TellingNames
           where File.Exists(Path.Combine(folder, name))
           select $"{Path.GetFileName(folder)}/{name}",
        .. File.Exists(Path.Combine(fullPath, PlanBeside)) ? [PlanBeside] : Array.Empty<string>(),
    ];

    private static IEnumerable<ScriptProblem> Twice(IReadOnlyList<MigrationScript> scripts) =>
        scripts.Zip(scripts.Skip(1))
            .Where(pair => pair.First.Version == pair.Second.Version)
            .Select(pair => new ScriptProblem(
                pair.Second.File,
                null,
                $"has version {pair.Second.Version}, and so has {pair.First.File}; give each file a version of its own"));
}
