using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Another tool's folder and history: what its files are called, in which order they come, what of them is to run, and how it is
/// kept what was applied.</summary>
internal abstract partial class ToolLayout
{
    /// <summary>The value of the setting.</summary>
    public abstract MigrationLayout Kind { get; }

    /// <summary>The tool, for messages.</summary>
    public abstract string Tool { get; }

    /// <summary>How the tool keeps its history.</summary>
    public abstract IHistoryForm Form { get; }

    /// <summary>The order of the ids.</summary>
    public virtual IComparer<string> Order => NumberedVersion.Order;

    /// <summary>Whether the tool applies a migration after one that comes behind it in the order.</summary>
    public virtual bool RunsLate => false;

    /// <summary>Whether the tool lets the file of an applied migration be gone.</summary>
    public virtual bool MayLack => false;

    /// <summary>Whether the tool never looks if the file of an applied migration has changed.</summary>
    public virtual bool MayChange => false;

    /// <summary>Whether the tool refuses an applied migration whose description is another one now.</summary>
    public virtual bool KeepsDescriptions => false;

    /// <summary>Whether the tool understands what else only the database's client does: DELIMITER.</summary>
    public virtual bool KnowsClient => false;

    /// <summary>What its history has of the files, and what becomes of one that has changed; for <c>doctor</c>.</summary>
    public virtual string Checksums => "none: a changed file is not seen";

    /// <summary>Whether an id is that of a repeatable migration.</summary>
    public virtual bool IsRepeatable(string id) => false;

    /// <summary>How its files are called, for a folder that has none.</summary>
    public abstract string Example { get; }

    /// <inheritdoc cref="IMigrationSource.ReadId"/>
    public virtual string? ReadId(string text, out string problem)
    {
        problem = NumberedVersion.Problem;
        return NumberedVersion.Read(text);
    }

    /// <summary>The migrations of a folder, in any order.</summary>
    /// <param name="folder">What is in it.</param>
    /// <param name="problem">Is told what is wrong: a file and why.</param>
    public abstract IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem);

    /// <summary>Whether a file that is not among <see cref="Files"/> looks like a migration: it has a number and holds SQL, and it is not
    /// what undoes one.</summary>
    public virtual bool LooksLikeOne(string name) => NumberedSql().IsMatch(name) && !UpDownFiles.IsDown(name);

    /// <inheritdoc cref="MigrationSet.Doubt"/>
    public virtual (string What, string Remedy)? Doubt(MigrationFiles folder) => null;

    /// <summary>What of a folder forbids to begin with it, and says nothing against going on.</summary>
    public virtual IEnumerable<ScriptFinding> ForbidToBegin(MigrationFiles folder) => [];

    /// <summary>What of a folder forbids to apply anything of it.</summary>
    public virtual IEnumerable<ScriptFinding> ForbidToApply(MigrationFiles folder) => [];

    /// <summary>What of a file is to run, and how.</summary>
    /// <param name="file">The file.</param>
    /// <param name="raw">Its bytes.</param>
    /// <param name="text">Its text.</param>
    public abstract ToolScript Read(ToolFile file, byte[] raw, ScriptText text);

    /// <summary>What undoes a migration, and how; null if nothing does.</summary>
    /// <param name="file">The migration.</param>
    /// <param name="raw">The bytes of <see cref="ToolFile.Down"/>, or of its own file.</param>
    /// <param name="text">Their text.</param>
    public virtual ToolScript? ReadDown(ToolFile file, byte[] raw, ScriptText text) =>
        file.Down is null ? null : Read(file with { Name = file.Down }, raw, text);

    /// <summary>The files that the tool would make for the next migration; the first is the one to write in.</summary>
    /// <param name="folder">What is there.</param>
    /// <param name="name">What it is to do, as a part of a file's name.</param>
    /// <param name="now">The time.</param>
    public abstract IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now);

    /// <summary>The number of the next migration.</summary>
    /// <param name="names">The names that begin with a number, or have one as the group <c>version</c> of the pattern.</param>
    /// <param name="pattern">What a migration's name is like.</param>
    /// <param name="first">The number of the first one.</param>
    /// <param name="now">The time.</param>
    protected string NextNumber(IEnumerable<string> names, Regex pattern, string first, DateTimeOffset now) =>
        names.Select(name => pattern.Match(name)).Where(name => name.Success).Select(name => name.Groups["version"].Value)
            .Where(version => ReadId(version, out _) is not null)
            .MaxBy(version => ReadId(version, out _)!, Order) is { } last ? NextVersion.After(last, now) : first;

    /// <summary>A name in words.</summary>
    protected static string InWords(string name) => name.Replace('_', ' ').Trim();

    /// <summary>What follows the first underscore, in words.</summary>
    protected static string TitleOf(string name) => InWords(name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..]);

    protected static string[] Lines(ScriptText text) => Encoding.UTF8.GetString(text.Utf8).Split('\n');

    /// <summary>Why a file is refused for its parts.</summary>
    protected IEnumerable<(int, string, string)> WrongParts(Parts parts, string mark)
    {
        if (parts.Up.Count == 0)
            yield return NoUp(mark);
        else if (parts.StrayLine is { } line)
            yield return (line, $"has a statement before '{mark}', which {Tool} does not run", $"Move it below '{mark}'");
    }

    [GeneratedRegex(@"^[VURB]?_?\d.*\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex NumberedSql();

    private (int, string, string) NoUp(string mark) =>
        (1, $"has no line '{mark}', so that {Tool} would run nothing of it", $"Write '{mark}' above what is to run");
}
