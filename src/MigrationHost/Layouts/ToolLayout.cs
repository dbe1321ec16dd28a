using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Another tool's folder and history: what its files are called, in which order they come, what of them is to run, and how it is
/// kept what was applied.</summary>
internal abstract class ToolLayout
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
    public abstract IEnumerable<ToolFile> Files(FolderNames folder, Action<string, string> problem);

    /// <summary>What of a file is to run, and how.</summary>
    /// <param name="file">The file.</param>
    /// <param name="raw">Its bytes.</param>
    /// <param name="text">Its text.</param>
    public abstract ToolScript Read(ToolFile file, byte[] raw, ScriptText text);

    /// <summary>The file that has what undoes a migration; null if there is none.</summary>
    /// <param name="folder">What is in the folder.</param>
    /// <param name="file">The migration.</param>
    public virtual string? DownFile(FolderNames folder, ToolFile file) => null;

    /// <summary>What of that file is to run, and how; null if it has nothing that undoes.</summary>
    /// <param name="name">The file.</param>
    /// <param name="text">Its text.</param>
    public virtual ToolScript? ReadDown(string name, ScriptText text) => new(text);

    /// <summary>The files that the tool would make for the next migration; the first is the one to write in.</summary>
    /// <param name="folder">What is there.</param>
    /// <param name="name">What it is to do, as a part of a file's name.</param>
    /// <param name="now">The time.</param>
    public abstract IEnumerable<NewFile> Next(FolderNames folder, string name, DateTimeOffset now);

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

    protected (int, string, string) NoUp(string mark) =>
        (1, $"has no line '{mark}', so that {Tool} would run nothing of it", $"Write '{mark}' above what is to run");
}
