using System.Collections.ObjectModel;
using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder of our own: reads and checks every migration file before any database is touched.</summary>
/// <param name="configured">The folder as it is configured, for messages.</param>
/// <param name="fullPath">The folder to read.</param>
/// <param name="placeholders">The values of <c>${name}</c> in the files; none if that is nothing but text.</param>
internal sealed class ScriptFolder(
    string configured, string fullPath, IReadOnlyDictionary<string, string>? placeholders = null) : IMigrationSource
{
    /// <summary>The files of a sub-folder or of the folder above that show whose folder it is.</summary>
    private static readonly string[] TellingNames = ["snapshot.json", "up.sql", "migration.sql", "_journal.json"];

    private const string PlanBeside = "../sqitch.plan";

    public string Place => configured;

    public string Folder => fullPath;

    public IComparer<string> Order => OwnVersion.Order;

    public string? ReadId(string text, out string problem)
    {
        problem = OwnVersion.Problem;
        return OwnVersion.Read(text);
    }

    public IReadOnlyList<NewFile> Next(string title, DateTimeOffset now)
    {
        var names = new FolderNames(fullPath).Files
            .Where(name => name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase)).Select(name => new ScriptName(name)).ToList();
        var last = names.Where(name => name is { Digits: not null, IsDown: false }).MaxBy(name => name.Version!, NumberedVersion.Order);
        var stem = $"{(last is null ? "1" : NextVersion.After(last.Digits!, now))}_{NextVersion.Slug(title)}";
        var undoes = last is not null && names.Exists(name => name.IsDown && name.Version == last.Version);
        return
        [
            new NewFile($"{stem}.sql", $"-- {title}\n"),
            .. undoes ? [new NewFile($"{stem}.down.sql", $"-- undoes: {title}\n")] : Array.Empty<NewFile>(),
        ];
    }

    public MigrationSet Read(FilesInHand files)
    {
        var empty = new MigrationSet(configured, Order) { Empty = Empty, IsRepeatable = OwnVersion.IsRepeatable };
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

    private MigrationSet Read(MigrationSet set, string[] names, (ScriptFinding Finding, FolderMark Mark)? marked, FilesInHand inHand)
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
            Path.Combine(configured, toRead[i].Name),
            Path.Combine(fullPath, toRead[i].Name),
            downOf[toRead[i].Version!].FirstOrDefault()?.Name,
            placeholders ?? ReadOnlyDictionary<string, string>.Empty,
            inHand));

        var read = files.Select(file => file.Script).OfType<Migration>().ToLookup(script => IsCallback(script.Version));
        var scripts = read[false].OrderBy(script => script.Version, Order).ToList();
        var wrongNames = sql
            .Where(name => name.Version is null)
            .Select(name => new ScriptProblem(Path.Combine(configured, name.Name), null, ScriptName.Wrong))
            .Concat(Twice(scripts))
            .ToList();

        // A tool that names its files otherwise is told once, not by every one of them.
        if (wrongNames.Count > 0 && marked is { Mark.NamesFiles: true })
            wrongNames = [.. ScriptFinding.ToProblems([marked.Value.Finding])];
        var problems = files.SelectMany(file => file.Problems).Concat(wrongNames);
        return set with
        {
            Migrations = scripts,
            BeforeMigrate = read[true].FirstOrDefault(script => script.Version == ScriptName.BeforeMigrate),
            AfterMigrate = read[true].FirstOrDefault(script => script.Version == ScriptName.AfterMigrate),
            Problems = [.. problems.OrderBy(problem => problem.File, StringComparer.Ordinal)],
            Findings = marked is null ? [] : [marked.Value.Finding],
        };
    }

    private static bool IsCallback(string name) => name is ScriptName.BeforeMigrate or ScriptName.AfterMigrate;

    private ScriptProblem Empty => new(configured, null,
        $"has no migration files (looked in {fullPath}). Mount or name the folder that has <version>_<description>.sql, "
            + "or set AllowEmpty: true if there are to be none");

    private static IEnumerable<string> NamesAround(string fullPath) =>
    [
        .. from folder in Directory.EnumerateDirectories(fullPath)
           from name in TellingNames
           where File.Exists(Path.Combine(folder, name))
           select $"{Path.GetFileName(folder)}/{name}",
        .. File.Exists(Path.Combine(fullPath, PlanBeside)) ? [PlanBeside] : Array.Empty<string>(),
    ];

    /// <summary>The problems of migrations that have the same id; they come in their order.</summary>
    public static IEnumerable<ScriptProblem> Twice(IReadOnlyList<Migration> scripts) =>
        scripts.Zip(scripts.Skip(1))
            .Where(pair => pair.First.Version == pair.Second.Version)
            .Select(pair => new ScriptProblem(
                pair.Second.File,
                null,
                $"has version {pair.Second.Version}, and so has {pair.First.File}; give each file a version of its own"));
}
