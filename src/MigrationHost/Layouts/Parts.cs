using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>The parts of a file that has what migrates up and what undoes it, one behind the other.</summary>
/// <param name="Up">What migrates up, with the marks.</param>
/// <param name="Down">What undoes it, with the marks.</param>
/// <param name="Marks">The lines that are marks.</param>
/// <param name="StrayLine">The line of the first statement that stands before all marks, and in no part; null if there is none.</param>
internal sealed record Parts(IReadOnlyList<Range> Up, IReadOnlyList<Range> Down, IReadOnlyList<string> Marks, int? StrayLine)
{
    /// <param name="text">The file.</param>
    /// <param name="mark">What begins with a line: true for what migrates up, false for what undoes it, null where it is no mark.</param>
    public static Parts Of(ScriptText text, Func<string, bool?> mark)
    {
        var (up, down, marks) = (new List<Range>(), new List<Range>(), new List<string>());
        var bytes = text.Utf8;
        var (part, from) = ((List<Range>?)null, 0);
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes[at..].IndexOf((byte)'\n') is var end and >= 0 ? end + 1 : bytes.Length - at;
            var line = bytes.Slice(at, length);
            if (line.StartsWith("--"u8) && Encoding.UTF8.GetString(line).TrimEnd() is var comment && mark(comment) is { } isUp)
            {
                marks.Add(comment);
                part?.Add(from..at);
                (part, from) = (isUp ? up : down, at);
            }
            at += length;
        }
        var head = bytes[..(marks.Count == 0 ? 0 : up.Concat(down).Select(range => range.Start.Value).Append(from).Min())];
        part?.Add(from..bytes.Length);
        var stray = SqlText.BlankLength(head);
        return new Parts(up, down, marks, stray < head.Length ? text.LineAt(stray) : null);
    }
}
