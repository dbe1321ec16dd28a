namespace MigrationHost.Layouts;

/// <summary>Marks that consist of words: <c>-- Up Migration</c>, <c>-- rambler up</c>, <c>-- ==== UP ====</c>, <c>--- !Ups</c>.</summary>
internal static class MarkWords
{
    private static readonly string[] Ups = ["up", "ups", "do", "upgrade", "apply", "forward", "forwards"];
    private static readonly string[] Downs =
        ["down", "downs", "undo", "downgrade", "rollback", "revert", "unapply", "backward", "backwards"];

    /// <summary>Words beside up and down that say nothing of whose mark it is.</summary>
    private static readonly string[] Plain = ["migration", "migrations", "migrate", "script", "sql"];

    /// <summary>Tools whose marks are known exactly: what only looks like one is none.</summary>
    private static readonly string[] Known = ["+goose", "+migrate", "migrate:"];

    private static readonly string[] Named = ["rambler", "micrate"];

    /// <summary>node-pg-migrate's: the words stand at the beginning, anything may follow.</summary>
    /// <param name="said">The comment without its dashes.</param>
    public static Half? NodePgMigrate(ReadOnlySpan<char> said)
    {
        var half = said.StartsWith("up", StringComparison.OrdinalIgnoreCase) ? Half.Up : Half.Down;
        if (half == Half.Down && !said.StartsWith("down", StringComparison.OrdinalIgnoreCase))
            return null;
        var rest = said[(half == Half.Up ? 2 : 4)..];
        var word = rest.TrimStart();
        return word.Length < rest.Length && word.StartsWith("migration", StringComparison.OrdinalIgnoreCase) ? half : null;
    }

    /// <summary>Any tool's: a comment that has one word of the two halves, at most one more beside it, and nothing else but ornament, a
    /// number, and what is said about it behind a colon or in brackets.</summary>
    /// <param name="said">The comment without what begins it.</param>
    public static (string Tool, Half Half, string? Word)? Any(ReadOnlySpan<char> said)
    {
        foreach (var known in Known)
        {
            if (said.StartsWith(known, StringComparison.OrdinalIgnoreCase))
                return null;
        }
        var head = Head(said);
        Span<Range> words = stackalloc Range[3];
        var count = Split(head, words);
        if (count is 0 or > 2)
            return null;
        var (first, last) = (head[words[0]].ToString(), head[words[count - 1]].ToString());
        if (HalfOf(last) is { } half)
            return (ToolOf(first, last), half, count == 1 || Is(Plain, first) ? null : first);
        return count == 2 && Is(Plain, last) && HalfOf(first) is { } before ? (Tool.Unknown, before, null) : null;
    }

    /// <summary>Whether two marks may be those of one file: neither has a word beside it that the other has not.</summary>
    public static bool Fit(FileMark up, FileMark down) =>
        up.Word is null || down.Word is null || up.Word.Equals(down.Word, StringComparison.OrdinalIgnoreCase);

    // Mojo numbers its marks, with or without a blank: -- 1 up, -- 1down
    private static ReadOnlySpan<char> Head(ReadOnlySpan<char> said)
    {
        said = said.TrimStart();
        said = said[said.IndexOfAnyExceptInRange('0', '9') is var digits and > 0 ? digits.. : ..];
        return said.IndexOfAny("(:,;[") is var end and >= 0 ? said[..end] : said;
    }

    private static string ToolOf(string first, string last) =>
        Is(Named, first) ? first
        : last.Equals("ups", StringComparison.OrdinalIgnoreCase) || last.Equals("downs", StringComparison.OrdinalIgnoreCase) ? Tool.Play
        : last.EndsWith("grade", StringComparison.OrdinalIgnoreCase) ? Tool.Aerich
        : Tool.Unknown;

    private static Half? HalfOf(string word) => Is(Ups, word) ? Half.Up : Is(Downs, word) ? Half.Down : null;

    private static bool Is(string[] words, string word) => words.Contains(word, StringComparer.OrdinalIgnoreCase);

    // One word more than there is room for is enough to know that it is a sentence.
    private static int Split(ReadOnlySpan<char> comment, Span<Range> words)
    {
        var count = 0;
        for (var at = 0; at < comment.Length && count < words.Length;)
        {
            if (!char.IsLetterOrDigit(comment[at]))
            {
                at++;
                continue;
            }
            var start = at;
            while (at < comment.Length && (char.IsLetterOrDigit(comment[at]) || comment[at] is '_'))
                at++;
            words[count++] = start..at;
        }
        return count;
    }
}
