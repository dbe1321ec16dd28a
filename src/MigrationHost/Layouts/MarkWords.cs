namespace MigrationHost.Layouts;

/// <summary>Marks that consist of words: <c>-- Up Migration</c>, <c>-- rambler up</c>, <c>-- ==== UP ====</c>, <c>--- !Ups</c>.</summary>
internal static class MarkWords
{
    private static readonly string[] Ups = ["up", "ups", "do", "upgrade"];
    private static readonly string[] Downs = ["down", "downs", "undo", "downgrade", "rollback", "revert"];

    /// <summary>Tools whose marks are known exactly: what only looks like one is none.</summary>
    private static readonly string[] Known = ["goose", "migrate", "migration"];

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

    /// <summary>Any tool's: a comment that has one word of the two halves, at most one more before it, and nothing else but
    /// ornament.</summary>
    /// <param name="comment">The comment.</param>
    public static (string Tool, Half Half)? Any(ReadOnlySpan<char> comment)
    {
        Span<Range> words = stackalloc Range[3];
        var count = Split(comment, words);
        if (count is 0 or > 2)
            return null;
        var last = comment[words[count - 1]].ToString();
        if (HalfOf(last) is not { } half || Known.Contains(comment[words[0]].ToString(), StringComparer.OrdinalIgnoreCase))
            return null;
        return (count == 2 ? comment[words[0]].ToString() : ToolOf(last), half);
    }

    private static string ToolOf(string word) =>
        word.EndsWith('s') ? Tool.Play
        : word.EndsWith("grade", StringComparison.OrdinalIgnoreCase) ? Tool.Aerich
        : Tool.Unknown;

    private static Half? HalfOf(string word) =>
        Ups.Contains(word, StringComparer.OrdinalIgnoreCase) ? Half.Up
        : Downs.Contains(word, StringComparer.OrdinalIgnoreCase) ? Half.Down
        : null;

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
