using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A migration and what undoes it, in two files side by side: <c>1_x.up.sql</c> and <c>1_x.down.sql</c>.</summary>
internal static class UpDownFiles
{
    public const string Convert =
        "Rename each <version>_<name>.up.sql to <version>_<name>.sql and move the .down.sql files out of the folder: "
        + "they undo migrations and must not run";

    /// <summary>The kind of the findings about scripts that undo a migration.</summary>
    public const string DownScript = "down script";

    private static readonly string[] DownEnds = [".down.sql", ".rollback.sql", ".undo.sql", ".revert.sql"];

    /// <summary>The files that undo migrations, by the version in its one form.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Their names, with the group <c>version</c>.</param>
    public static Dictionary<string, string> Downs(MigrationFiles folder, Regex name) => folder.Files
        .Select(file => (File: file, Match: name.Match(file)))
        .Where(file => file.Match.Success)
        .GroupBy(file => NumberedVersion.Read(file.Match.Groups["version"].ValueSpan)!)
        .ToDictionary(file => file.Key, file => file.First().File);

    /// <summary>Whether a file's name says that it undoes a migration.</summary>
    public static bool IsDown(string name) => Array.Exists(DownEnds, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    /// <summary>The file beside another one, which undoes what that does; null if there is none.</summary>
    public static string? DownOf(MigrationFiles folder, ToolFile file) =>
        file.Name.Replace(".up.", ".down.", StringComparison.Ordinal) is var down && down != file.Name && folder.Has(down) ? down : null;

    /// <summary>Whether a file's name says that another one undoes it.</summary>
    public static bool IsUp(string name) => name.EndsWith(".up.sql", StringComparison.OrdinalIgnoreCase);

    /// <summary>The finding about a migration beside which lies what undoes it.</summary>
    public static ScriptFinding Pair(string file, string down) => new(
        Tool.UpDownPairs,
        file,
        null,
        $"is a migration of {Tool.UpDownPairs}, with {down} beside it",
        $"{Convert}. Or {Tool.RunIt("the tool")}");

    /// <summary>The finding about a file that is alone and would be run as a migration.</summary>
    public static ScriptFinding Alone(string file) =>
        new(DownScript, file, null, "undoes a migration, as its name says, and must not run", "Move it out of the folder");
}
