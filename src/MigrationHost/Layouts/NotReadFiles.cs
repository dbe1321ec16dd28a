using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>What lies in a folder of our own, looks like a migration, and is not read. Whoever has put it there takes it for one.</summary>
/// <param name="files">What is in the folder.</param>
/// <param name="names">The files at its top that are not hidden.</param>
/// <param name="folders">The folders at its top.</param>
/// <param name="isKnown">Whether a version is that of a migration: what lies beside it is a copy of it, and old.</param>
internal sealed partial class NotReadFiles(
    MigrationFiles files, IReadOnlyList<string> names, IReadOnlyList<string> folders, Func<string, bool> isKnown)
{
    private static readonly string[] Undoing = ["down", "downs", "undo", "rollback", "rollbacks", "revert", "reverts"];

    // Most folders have none, and are known without a regular expression.
    private readonly List<string> _others = [.. names.Where(name => !name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase))];

    private IEnumerable<Match> Programs => _others.Select(name => CodeFiles.Name().Match(name)).Where(IsOther);

    public IEnumerable<PlanWarning> Warnings()
    {
        foreach (var name in _others.Where(name => IsOther(AlmostScript().Match(name))))
        {
            yield return new PlanWarning(
                $"{files.Show(name)} is not read: the name of a migration ends in .sql",
                "Rename it if it is a migration, else move it out of the folder.");
        }
        foreach (var program in Programs)
        {
            yield return new PlanWarning(
                $"{files.Show(program.Value)} is not read: it is a program, and a migration here is SQL",
                "Write what it does as SQL if it is a migration, else move it out of the folder.");
        }
        foreach (var folder in folders.Where(folder => !folder.StartsWith('.') && !Undoes(folder)))
        {
            if (files.FilesBelow(folder).FirstOrDefault(IsScript) is not { } inside)
                continue;
            yield return new PlanWarning(
                $"{files.Show($"{folder}/{inside}")} is not read: migrations are read from {files.Configured} itself, "
                    + "not from its sub-folders",
                "Move the files of the sub-folder up if they are migrations, else move it out.");
        }
    }

    /// <summary>What forbids to begin a history without its programs.</summary>
    public IEnumerable<ScriptFinding> Code() =>
        from program in Programs
        where program.Groups["language"].Success
        select CodeFiles.Finding(files.Show(program.Value));

    private bool IsScript(string path) =>
        IsOther(Script().Match(Path.GetFileName(path))) && !path.Split('/').SkipLast(1).Any(Undoes);

    private bool IsOther(Match match) =>
        match.Success && NumberedVersion.Read(match.Groups["version"].ValueSpan) is { } version && !isKnown(version);

    private static bool Undoes(string folder) => Undoing.Contains(folder, StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex(@"^(?<version>\d+)_[^.].*\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex Script();

    // 3_add_orders.sql.txt, .sql.gz, .psql; not .sqlite.
    [GeneratedRegex(@"^(?<version>\d+)_.*\.\w*sql(?!ite)", RegexOptions.IgnoreCase)]
    private static partial Regex AlmostScript();
}
