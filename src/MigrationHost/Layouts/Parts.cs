using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>The parts of a file that has what migrates up and what undoes it, one behind the other.</summary>
/// <param name="Up">What migrates up, with the marks.</param>
/// <param name="Marks">The lines that are marks.</param>
/// <param name="StrayLine">The line of the first statement that stands before all marks, and in no part; null if there is none.</param>
internal sealed record Parts(IReadOnlyList<Range> Up, List<string> Marks, int? StrayLine)
{
    /// <param name="text">The file.</param>
    /// <param name="mark">What begins with a line: true for what migrates up, false for what undoes it, null where it is no mark.</param>
    /// <param name="startsUp">Whether what stands before the first mark migrates up.</param>
    public static Parts Of(ScriptText text, Func<string, bool?> mark, bool startsUp = false)
    {
        var (up, marks, isUp, from) = (new List<Range>(), new List<string>(), startsUp, 0);
        int? first = null;
        var bytes = text.Utf8;
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes[at..].IndexOf((byte)'\n') is var end and >= 0 ? end + 1 : bytes.Length - at;
            var line = bytes.Slice(at, length);
            if (line.StartsWith("--"u8) && Encoding.UTF8.GetString(line).TrimEnd() is var comment && mark(comment) is { } begins)
            {
                marks.Add(comment);
                first ??= at;
                if (isUp && !begins)
                    up.Add(from..at);
                if (begins && !isUp)
                    from = at;
                isUp = begins;
            }
            at += length;
        }
        if (isUp)
            up.Add(from..bytes.Length);
        var head = bytes[..(startsUp ? 0 : first ?? 0)];
        var stray = SqlText.BlankLength(head);
        return new Parts(up, marks, stray < head.Length ? text.LineAt(stray) : null);
    }
}
