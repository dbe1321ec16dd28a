using System.Collections.ObjectModel;
using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder of our own: reads and checks every migration file before any database is touched.</summary>
/// <param name="files">What is in it.</param>
/// <param name="syntax">How the files are to be read.</param>
/// <param name="placeholders">The values of <c>${name}</c> in the files; none if that is nothing but text.</param>
internal sealed class ScriptFolder(
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
            .Where(name => IsVisible(name) && IsScript(name)).Select(name => new ScriptName(name)).ToList();
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
            var (all, folders) = files.Top;
            string[] names = [.. all.Where(IsVisible)];
            var marked = FolderMarks.Find(files.Configured, [.. names, .. NamesAround(folders)], ReadText);
            return Read(empty, names, folders, marked, inHand);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return empty with { Problems = [Unreadable(files.Configured, e)] };
        }

        string ReadText(string name) =>
            files.WhyNoFile(name) is null ? inHand.Read(files.Show(name), () => files.ReadText(name)) : "";
    }

    /// <summary>A file, or the folder itself, that could not be read.</summary>
    public static ScriptProblem Unreadable(string path, Exception why) =>
        new(path, null, $"cannot be read: {why.Message}")
        {
            Unreadable = true,
            Remedies = ["Check that every file exists and that this process's user may read it."],
        };

    private MigrationSet Read(
        MigrationSet set,
        IReadOnlyList<string> names,
        IReadOnlyList<string> folders,
        (ScriptFinding Finding, FolderMark Mark)? marked,
        FilesInHand inHand)
    {
        var sql = names
            .Where(IsScript)
            .Select(name => new ScriptName(name))
            .ToList();
        var named = sql.Where(name => name.Version is not null).ToList();
        var upOf = named.Where(name => !name.IsDown).Select(name => name.Version!).ToHashSet();
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
        var scripts = ByTheirNames(read[false], names).OrderBy(script => script.Version, Order).ToList();
        var wrongNames = sql
            .Where(name => name.Version is null)
            .Select(name => new ScriptProblem(files.Show(name.Name), null, ScriptName.Wrong))
            .Concat(Twice(scripts))
            .ToList();

        var besides = new NotReadFiles(files, names, folders, upOf.Contains);
        var notRead = marked is null ? besides.Warnings().ToList() : [];

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
            Findings = marked is not null ? [marked.Value.Finding] : scripts.Exists(script => !script.Repeats) ? [.. besides.Code()] : [],
            Warnings = notRead,
            Empty = notRead is [var first, ..] ? set.Empty with { Message = $"{set.Empty.Message}. {first.Message}" } : set.Empty,
        };
    }

    // An editor's or a system's own files begin with a dot, whatever they end in.
    private static bool IsVisible(string name) => !name.StartsWith('.');

    private static bool IsScript(string name) => name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase);

    private static bool IsCallback(string name) => name is ScriptName.BeforeMigrate or ScriptName.AfterMigrate;

    private ScriptProblem Empty => new(files.Configured, null,
        $"has no migration files (looked in {files.Place}). Mount or name the folder that has <version>_<description>.sql, "
            + "or set AllowEmpty: true if there are to be none") { Remedies = [] };

    // What a name says of a file may depend on the other names, and forbids to run it while it is pending.
    private IEnumerable<Migration> ByTheirNames(IEnumerable<Migration> scripts, IReadOnlyList<string> names)
    {
        var findings = DownNames.In(names).Select(pair => DownNames.Finding(files.Show(pair.Key), pair.Value))
            .Concat(names.Where(EnvironmentFiles.IsOne).Select(name => EnvironmentFiles.Finding(files.Show(name))))
            .ToLookup(finding => finding.File);
        return scripts.Select(script => !findings.Contains(script.File) ? script : script with
        {
            Findings = [.. script.Findings.UnionBy(findings[script.File], finding => finding.Kind)],
        });
    }

    private IEnumerable<string> NamesAround(IReadOnlyList<string> folders) =>
    [
        .. from folder in folders.Where(IsVisible)
           from name in TellingNames
           where files.Has($"{folder}/{name}")
           select $"{folder}/{name}",
        .. files.Has(PlanBeside) ? [PlanBeside] : Array.Empty<string>(),
    ];

    /// <summary>The problems of migrations that have the same id; they come in their order.</summary>
    public static IEnumerable<ScriptProblem> Twice(IReadOnlyList<Migration> scripts) =>
        from pair in scripts.Zip(scripts.Skip(1))
        where pair.First.Version == pair.Second.Version
        let isDown = DownNames.Undoes(Path.GetFileName(pair.First.File), Path.GetFileName(pair.Second.File))
        let second = isDown ? pair.First : pair.Second
        let first = isDown ? pair.Second : pair.First
        let has = $"has version {second.Version}, and so has {first.File}"
        select new ScriptProblem(
            second.File,
            null,
            DownNames.Undoes(Path.GetFileName(second.File), Path.GetFileName(first.File))
                ? $"{has}, which it undoes, as its name says; move it out of the folder"
                : $"{has}; move out of the folder what undoes the other, is a copy of it or is for another database. "
                    + "If both are migrations, give one of them the next version");
}
