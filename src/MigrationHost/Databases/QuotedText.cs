using System.Buffers;
using System.Text.RegularExpressions;

namespace MigrationHost.Databases;

/// <summary>
/// What a database's error quotes, of the statement or of a row: it may be a password, or somebody's data, and is shown only if
/// statements are (<see cref="MigrationError.Verbatim"/>).
/// </summary>
internal static partial class QuotedText
{
    /// <summary>What PostgreSQL quotes with in any of its languages; SQLite, with the first.</summary>
    /// <remarks>
    /// <see href="https://www.postgresql.org/docs/current/locale.html"/>. An apostrophe is none: it stands in words.
    /// </remarks>
    public const string AnyQuote = "\"»«„“”‹›「」『』";

    private const string Left = "…";

    /// <summary>Leaves of what a syntax error quotes one word or sign: what follows, or a string, may be a password.</summary>
    /// <param name="message">The message, which quotes the statement from the place that is not understood on.</param>
    /// <param name="quotes">What the database quotes with.</param>
    public static string OneWord(string message, string quotes)
    {
        if (Find(message, quotes) is not var (quoted, last))
            return message;
        var written = message[quoted];
        var shown = Word().Match(written.TrimStart()).Value;
        return $"{message[..quoted.Start]}{shown}{(shown.Length < written.Trim().Length ? Left : "")}{(last ? message[quoted.End..] : "")}";
    }

    /// <summary>Leaves nothing between the first quote and the last.</summary>
    /// <param name="message">The message, which quotes a value.</param>
    /// <param name="quotes">What the database quotes with.</param>
    public static string Hidden(string message, string quotes) => Find(message, quotes) is not var (quoted, last)
        ? message
        : $"{message[..quoted.Start]}{Left}{(last ? message[quoted.End..] : "")}";

    /// <summary>Leaves nothing between the first quote and the last, and nothing behind <c>": </c>.</summary>
    /// <inheritdoc cref="Hidden"/>
    public static string HiddenToEnd(string message, string quotes) =>
        message.AsSpan().LastIndexOfAny(SearchValues.Create(quotes)) is var last and >= 0
            && message.AsSpan(last + 1).TrimStart().StartsWith(": ", StringComparison.Ordinal)
            ? Hidden(message[..(last + 1)], quotes) + ": " + Left
            : Hidden(message, quotes);

    /// <summary>Whether the next word of a statement is a password, or what is taken for one.</summary>
    /// <param name="before">The statement up to there.</param>
    public static bool IsBeforePassword(ReadOnlySpan<char> before) => PasswordNext().IsMatch(before);

    /// <summary>Leaves nothing between the first quote and the one before the last pair, which has a name.</summary>
    /// <inheritdoc cref="Hidden"/>
    public static string HiddenBeforeName(string message, char quote)
    {
        var name = message.LastIndexOf(quote) is var end and > 0 ? message.LastIndexOf(quote, end - 1) : -1;
        return name < 0 ? message : Hidden(message[..name], $"{quote}") + message[name..];
    }

    /// <summary>Leaves out the values of a row: <c>Key (email)=(…) already exists.</c>, <c>Failing row contains (…).</c></summary>
    public static string WithoutRow(string detail)
    {
        var from = Values().Match(detail) is { Success: true } equals
            ? equals.Index + equals.Length
            : detail.IndexOf('(', StringComparison.Ordinal);
        var to = detail.LastIndexOf(')');
        return from < 0 || to < from ? detail : $"{detail[..from]}({Left}{detail[to..]}";
    }

    // What is not closed goes on to the end.
    private static (Range Quoted, bool IsClosed)? Find(string message, string quotes)
    {
        var signs = SearchValues.Create(quotes);
        var (first, last) = (message.AsSpan().IndexOfAny(signs), message.AsSpan().LastIndexOfAny(signs));
        return first < 0 ? null : last > first ? ((first + 1)..last, true) : ((first + 1)..message.Length, false);
    }

    [GeneratedRegex(@"=\s*(?=\()")]
    private static partial Regex Values();

    [GeneratedRegex(@"\b(PASSWORD|BY|AS|USING)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordNext();

    // Not the letters in front of a string: E'…', x'…'.
    [GeneratedRegex(@"^(?:[\w.@]+(?![\w.@&'""$])|`[^`]*`|[^\w\s'""`$\[])")]
    private static partial Regex Word();
}
