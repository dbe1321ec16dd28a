using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Recognises a migration file that another tool would cut into an up and a down part. Run as a whole, its down part would undo
/// it, with the data in it.</summary>
/// <remarks>A mark is a comment at the beginning of its line. What a tool takes for one was read in its source: docs/coming-from.md names
/// them.</remarks>
internal static class FileMarks
{
    private const int LongestMark = 120;

    /// <summary>The finding about a file's text; null where it has no such marks.</summary>
    /// <param name="file">The file's path as it is configured.</param>
    /// <param name="text">Its text.</param>
    public static ScriptFinding? Find(string file, ScriptText text) =>
        Find(file, text.Utf8, text.Syntax)
            ?? (text.Syntax.Escapes ? Find(file, text.Utf8, text.Syntax with { Escapes = false }) : null);

    // Whether a backslash escapes is the server's to say. A mark that is hidden from one of the two readings must not run from the other.
    private static ScriptFinding? Find(string file, ReadOnlySpan<byte> utf8, SqlSyntax syntax)
    {
        var marks = MarksIn(utf8, syntax);
        foreach (var tool in marks.GroupBy(mark => mark.Tool))
        {
            var up = tool.FirstOrDefault(mark => mark.Half == Half.Up);
            var down = tool.FirstOrDefault(mark => mark.Half == Half.Down);
            if (Counts(tool.Key, up, down))
                return Finding(file, tool.Key, down ?? up!);
        }
        return PairOfWords(marks, utf8) is var (above, below) ? Finding(file, above.Tool, below) : null;
    }

    private static bool Counts(string tool, FileMark? up, FileMark? down) => tool switch
    {
        Tool.Tern or Tool.MyBatis => down is not null,
        Tool.Goose or Tool.Dbmate or Tool.SqlMigrate or Tool.Liquibase => up is not null,
        Tool.NodePgMigrate => up is not null && down is not null,
        _ => false,
    };

    // Words that anybody may use: only an up half that is followed by a down half with something in it is a mark.
    private static (FileMark Up, FileMark Down)? PairOfWords(List<FileMark> marks, ReadOnlySpan<byte> utf8)
    {
        List<FileMark> words = [.. marks.Where(mark => !IsExact(mark.Tool))];
        foreach (var up in words.Where(mark => mark.Half == Half.Up))
        {
            if (words.Find(down => down.Half == Half.Down && down.Line > up.Line && MarkWords.Fit(up, down)) is { } down
                && SqlText.BlankLength(utf8[down.End..]) < utf8.Length - down.End)
                return (up.Tool == Tool.NodePgMigrate ? up with { Tool = Tool.Unknown } : up, down);
        }
        return null;
    }

    private static bool IsExact(string tool) =>
        tool is Tool.Tern or Tool.MyBatis or Tool.Goose or Tool.Dbmate or Tool.SqlMigrate or Tool.Liquibase;

    private static ScriptFinding Finding(string file, string tool, FileMark mark) => mark.Half == Half.Down
        ? new ScriptFinding(
            tool,
            file,
            mark.Line,
            $"is a migration of {tool}: its down part ('{mark.Text}') would run right after its up part",
            $"Keep only the up part in the file, without these marks, or {Tool.RunIt(tool)}")
        : new ScriptFinding(
            tool,
            file,
            mark.Line,
            $"is a migration of {tool} ('{mark.Text}')",
            $"Keep only the up part in the file, without these marks, or {Tool.RunIt(tool)}");

    // A line can have megabytes, and as many comments as a file has lines: no part of the text is looked at for each of them.
    private static List<FileMark> MarksIn(ReadOnlySpan<byte> utf8, SqlSyntax syntax)
    {
        var marks = new List<FileMark>();
        var scanner = new SqlScanner(utf8, syntax);
        var (line, seen, isFirst, isLiquibase) = (1, 0, true, false);
        Span<char> letters = stackalloc char[LongestMark];
        for (; scanner.MoveNext(); isFirst = false)
        {
            var between = utf8[seen..scanner.Start];
            seen = scanner.Start;
            line += between.Count((byte)'\n');
            if (scanner.Kind == SqlPiece.Quoted || IndentOf(between, isFirst) is not { } indent)
                continue;
            var text = utf8[scanner.Start..Math.Min(scanner.End, scanner.Start + LongestMark)];
            var comment = letters[..Encoding.UTF8.GetChars(text, letters)].TrimEnd();
            if (MarkOf(comment, scanner.Kind, indent, isFirst && SqlText.IsBlank(between), isLiquibase) is not var (tool, half, word))
                continue;
            isLiquibase |= tool == Tool.Liquibase;
            marks.Add(new FileMark(tool, half, line, comment.ToString()) { Word = word, End = scanner.End });
        }
        return marks;
    }

    private static (string Tool, Half Half, string? Word)? MarkOf(
        ReadOnlySpan<char> comment,
        SqlPiece kind,
        int indent,
        bool isFirst,
        bool isLiquibase)
    {
        if (isLiquibase && IsRollback(comment, kind))
            return (Tool.Liquibase, Half.Down, null);
        if (kind != SqlPiece.LineComment)
            return null;
        var said = comment.TrimStart('-').Trim();
        if (comment.StartsWith('#'))
            return MarkWords.Any(said.TrimStart('#'));
        if (isFirst && IsLiquibase(said))
            return (Tool.Liquibase, Half.Up, null);
        if (comment.StartsWith("---- create above / drop below ----", StringComparison.Ordinal))
            return (Tool.Tern, Half.Down, null);
        if (said.StartsWith("//") && said[2..].TrimStart().StartsWith("@UNDO", StringComparison.Ordinal))
            return (Tool.MyBatis, Half.Down, null);
        if (indent == 0 && HalfAfter(said, "+goose ", StringComparison.OrdinalIgnoreCase) is { } goose)
            return (Tool.Goose, goose, null);
        if (indent == 0 && HalfAfter(said, "migrate:", StringComparison.Ordinal) is { } dbmate)
            return (Tool.Dbmate, dbmate, null);
        if (indent == 0 && HalfAfter(said, "+migrate ", StringComparison.Ordinal) is { } sqlMigrate)
            return (Tool.SqlMigrate, sqlMigrate, null);
        return MarkWords.NodePgMigrate(said) is { } half ? (Tool.NodePgMigrate, half, null) : MarkWords.Any(said);
    }

    // As its own parser has it: any number of blanks, and anything behind.
    private static bool IsLiquibase(ReadOnlySpan<char> said) => said.StartsWith("liquibase", StringComparison.OrdinalIgnoreCase)
        && said["liquibase".Length..].TrimStart().StartsWith("formatted", StringComparison.OrdinalIgnoreCase);

    private static bool IsRollback(ReadOnlySpan<char> comment, SqlPiece kind) => kind == SqlPiece.LineComment
        ? comment.TrimStart('-').TrimStart().StartsWith("rollback", StringComparison.OrdinalIgnoreCase)
        : comment.TrimStart("/*").TrimStart().StartsWith("liquibase rollback", StringComparison.OrdinalIgnoreCase);

    // The mark's last word is up or down; options may follow it behind a blank.
    private static Half? HalfAfter(ReadOnlySpan<char> said, string prefix, StringComparison comparison)
    {
        if (!said.StartsWith(prefix, comparison))
            return null;
        var rest = said[prefix.Length..].TrimStart();
        var end = rest.IndexOfAny(' ', '\t');
        return (end < 0 ? rest : rest[..end]) switch
        {
            var word when word.Equals("up", StringComparison.OrdinalIgnoreCase) => Half.Up,
            var word when word.Equals("down", StringComparison.OrdinalIgnoreCase) => Half.Down,
            _ => null,
        };
    }

    // How many blanks stand before it on its line, and of Play's # --- the first sign; null where something else does.
    private static int? IndentOf(ReadOnlySpan<byte> before, bool isFirst)
    {
        var lineEnd = before.LastIndexOf((byte)'\n');
        if (lineEnd < 0 && !isFirst)
            return null;
        var line = before[(lineEnd + 1)..];
        if (line.StartsWith("\uFEFF"u8))
            line = line[3..];
        return line.Trim(" \t#"u8).IsEmpty ? line.Length : null;
    }
}
