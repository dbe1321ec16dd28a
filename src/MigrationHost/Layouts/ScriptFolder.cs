using System.Collections.ObjectModel;
using System.Text.RegularExpressions;
using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder of our own: reads and checks every migration file before any database is touched.</summary>
/// <param name="files">What is in it.</param>
/// <param name="syntax">How the files are to be read.</param>
/// <param name="placeholders">The values of <c>${name}</c> in the files; none if that is nothing but text.</param>
internal sealed partial class ScriptFolder(
    MigrationFiles files, SqlSyntax syntax, IReadOnlyDictionary<string, string>? placeholders = null) : IMigrationSource
{
    /// <summary>The files of a sub-folder or of the folder above that show whose folder it is.</summary>
    private static readonly string[] TellingNames = ["snapshot.json", "up.sql", "migration.sql", "_journal.json"];

    private const string PlanBeside = "../sqitch.plan";

    public string Place => files.Configured;

    public string? Folder => files.Folder;

    public IComparer<string> Order => OwnVersion.Order;

    public string? ReadId(string text, out string problem)
    {
        problem = OwnVersion.Problem;
        return OwnVersion.Read(text);
    }

    public IReadOnlyList<NewFile> Next(string title, DateTimeOffset now)
    {
        var names = files.Files
            .Where(IsScript).Select(name => new ScriptName(name)).ToList();
        var last = names.Where(name => name is { Digits: not null, IsDown: false }).MaxBy(name => name.Version!, NumberedVersion.Order);
        var stem = $"{(last is null ? "1" : NextVersion.After(last.Digits!, now))}_{NextVersion.Slug(title)}";
        var undoes = last is not null && names.Exists(name => name.IsDown && name.Version == last.Version);
        return
        [
            new NewFile($"{stem}.sql", $"-- {title}\n"),
            .. undoes ? [new NewFile($"{stem}.down.sql", $"-- undoes: {title}\n")] : Array.Empty<NewFile>(),
        ];
    }

    public MigrationSet Read(FilesInHand inHand)
    {
        var empty = new MigrationSet(files.Configured, Order) { Empty = Empty, IsRepeatable = OwnVersion.IsRepeatable };
        try
        {
            var names = files.Files;
            return Read(empty, names, FolderMarks.Find(files.Configured, [.. names, .. NamesAround()]), inHand);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return empty with { Problems = [Unreadable(files.Configured, e)] };
        }
    }

    /// <summary>A file, or the folder itself, that could not be read.</summary>
    public static ScriptProblem Unreadable(string path, Exception why) =>
        new(path, null, $"cannot be read: {why.Message}")
        {
            Unreadable = true,
            Remedies = ["Check that every file exists and that this process's user may read it."],
        };

    private MigrationSet Read(
        MigrationSet set, IReadOnlyList<string> names, (ScriptFinding Finding, FolderMark Mark)? marked, FilesInHand inHand)
    {
        var sql = names
            .Where(IsScript)
            .Select(name => new ScriptName(name))
            .ToList();
        var named = sql.Where(name => name.Version is not null).ToList();
        var upOf = named.Where(name => !name.IsDown).ToLookup(name => name.Version!);
        var downOf = named.Where(name => name.IsDown && upOf.Contains(name.Version!)).ToLookup(name => name.Version!);
        var toRead = named.Where(name => !name.IsDown || !upOf.Contains(name.Version!)).ToArray();

        var scriptFiles = new ScriptFile[toRead.Length];
        FilesInHand.Each(toRead.Length, i => scriptFiles[i] = ScriptFile.Read(
            toRead[i],
            files,
            syntax,
            downOf[toRead[i].Version!].FirstOrDefault()?.Name,
            placeholders ?? ReadOnlyDictionary<string, string>.Empty,
            inHand));

        var read = scriptFiles.Select(file => file.Script).OfType<Migration>().ToLookup(script => IsCallback(script.Version));
        var scripts = read[false].OrderBy(script => script.Version, Order).ToList();
        var wrongNames = sql
            .Where(name => name.Version is null)
            .Select(name => new ScriptProblem(files.Show(name.Name), null, ScriptName.Wrong))
            .Concat(Twice(scripts))
            .ToList();

        var notRead = marked is null ? NotRead(names, upOf).ToList() : [];

        // A tool that names its files otherwise is told once, not by every one of them.
        if (wrongNames.Count > 0 && marked is { Mark.NamesFiles: true })
            wrongNames = [.. ScriptFinding.ToProblems([marked.Value.Finding])];
        var problems = scriptFiles.SelectMany(file => file.Problems).Concat(wrongNames);
        return set with
        {
            Migrations = scripts,
            BeforeMigrate = read[true].FirstOrDefault(script => script.Version == ScriptName.BeforeMigrate),
            AfterMigrate = read[true].FirstOrDefault(script => script.Version == ScriptName.AfterMigrate),
            Problems = [.. problems.OrderBy(problem => problem.File, StringComparer.Ordinal)],
            Findings = marked is null ? [] : [marked.Value.Finding],
            Warnings = notRead,
            Empty = notRead is [var first, ..] ? set.Empty with { Message = $"{set.Empty.Message}. {first.Message}" } : set.Empty,
        };
    }

    private static bool IsScript(string name) => name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase);

    private static bool IsCallback(string name) => name is ScriptName.BeforeMigrate or ScriptName.AfterMigrate;

    private ScriptProblem Empty => new(files.Configured, null,
        $"has no migration files (looked in {files.Place}). Mount or name the folder that has <version>_<description>.sql, "
            + "or set AllowEmpty: true if there are to be none") { Remedies = [] };

    // Whoever has put it there takes it for a migration. What lies beside the migration itself is a copy of it, and old.
    private IEnumerable<PlanWarning> NotRead(IReadOnlyList<string> names, ILookup<string, ScriptName> known)
    {
        foreach (var name in names.Where(name => !IsScript(name) && IsOther(AlmostScript().Match(name))))
        {
            yield return new PlanWarning(
                $"{files.Show(name)} is not read: the name of a migration ends in .sql",
                "Rename it if it is a migration, else move it out of the folder.");
        }
        foreach (var folder in files.Folders.Where(folder => !folder.StartsWith('.')))
        {
            if (files.FilesIn(folder).FirstOrDefault(name => IsOther(Script().Match(name))) is not { } inside)
                continue;
            yield return new PlanWarning(
                $"{files.Show($"{folder}/{inside}")} is not read: migrations are read from {files.Configured} itself, "
                    + "not from its sub-folders",
                "Move the files of the sub-folder up if they are migrations, else move it out.");
        }

        bool IsOther(Match match) =>
            match.Success && NumberedVersion.Read(match.Groups["version"].ValueSpan) is { } version && !known.Contains(version);
    }

    private IEnumerable<string> NamesAround() =>
    [
        .. from folder in files.Folders
           from name in TellingNames
           where files.Has($"{folder}/{name}")
           select $"{folder}/{name}",
        .. files.Has(PlanBeside) ? [PlanBeside] : Array.Empty<string>(),
    ];

    /// <summary>The problems of migrations that have the same id; they come in their order.</summary>
    public static IEnumerable<ScriptProblem> Twice(IReadOnlyList<Migration> scripts) =>
        scripts.Zip(scripts.Skip(1))
            .Where(pair => pair.First.Version == pair.Second.Version)
            .Select(pair => new ScriptProblem(
                pair.Second.File,
                null,
                $"has version {pair.Second.Version}, and so has {pair.First.File}; give each file a version of its own"));

    [GeneratedRegex(@"^(?<version>\d+)_[^.].*\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex Script();

    // 3_add_orders.sql.txt, .sql.gz, .psql; not .sqlite.
    [GeneratedRegex(@"^(?<version>\d+)_.*\.\w*sql(?!ite)", RegexOptions.IgnoreCase)]
    private static partial Regex AlmostScript();
}
