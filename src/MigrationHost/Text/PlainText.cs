using System.Globalization;
using System.Text;

namespace MigrationHost;

/// <summary>
/// Text of others (names of files, tables and programs, what a database or a tool says) as it may reach a terminal, a log or a text
/// report: it moves no cursor, hides nothing, and begins no line that looks like one of ours.
/// </summary>
/// <remarks>
/// What has no shape of its own is written as JSON writes it: <c>\u001b</c>. The order of signs can be turned round, too:
/// <see href="https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing"/>
/// </remarks>
internal static class PlainText
{
    private const string FurtherLine = "\n    ";

    /// <summary>One line: a line end in it is written out.</summary>
    public static string Line(string text) => Written(text, isMore: false);

    /// <summary>Text that may have several lines: each but the first is indented.</summary>
    public static string Lines(string text) => Written(text, isMore: true);

    /// <summary>Words that follow a sentence, as the next one.</summary>
    public static string Sentence(string words) => words.Length == 0 ? words : $"{char.ToUpperInvariant(words[0])}{words[1..]}";

    private static string Written(string text, bool isMore)
    {
        var plain = 0;
        while (plain < text.Length && !IsHidden(text, plain))
            plain++;
        if (plain == text.Length)
            return text;
        var written = new StringBuilder(text, 0, plain, text.Length + FurtherLine.Length);
        for (var i = plain; i < text.Length; i++)
        {
            if (isMore && text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                continue;
            if (isMore && text[i] == '\n')
                written.Append(FurtherLine);
            else if (isMore && text[i] == '\t' || !IsHidden(text, i))
                written.Append(text[i]);
            else
                written.Append(Escape(text[i]));
        }
        return written.ToString();
    }

    // The joiners hide nothing, and many a script and sign is written with them.
    private static bool IsHidden(string text, int at) => text[at] is not ('\u200C' or '\u200D') && CategoryAt(text, at)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // Of a character in two halves each half is what both together are.
    private static UnicodeCategory CategoryAt(string text, int at) =>
        CharUnicodeInfo.GetUnicodeCategory(text, at > 0 && char.IsSurrogatePair(text[at - 1], text[at]) ? at - 1 : at);

    private static string Escape(char sign) => sign switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)sign:x4}",
    };
}
