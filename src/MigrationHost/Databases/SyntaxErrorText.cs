using System.Text.RegularExpressions;

namespace MigrationHost.Databases;

/// <summary>The message of a syntax error, which quotes the statement from the place that is not understood on.</summary>
internal static partial class SyntaxErrorText
{
    /// <summary>Leaves of what is quoted one word or sign: what follows, or a string, may be a password.</summary>
    /// <param name="message">The message of a syntax error, in whatever language.</param>
    /// <param name="quote">What the database quotes with.</param>
    public static string WithoutStrings(string message, char quote)
    {
        var (first, last) = (message.IndexOf(quote, StringComparison.Ordinal), message.LastIndexOf(quote));
        if (first < 0)
            return message;
        var quoted = last > first ? message[(first + 1)..last] : message[(first + 1)..];
        var shown = Word().Match(quoted).Value;
        var behind = last > first ? message[last..] : "";
        return $"{message[..(first + 1)]}{shown}{(shown.Length < quoted.Length ? "…" : "")}{behind}";
    }

    // Not the letters in front of a string: E'…', x'…'.
    [GeneratedRegex(@"^(?:[\w.@]+(?![\w.@&'""$])|`[^`]*`|[^\w\s'""`$\[])")]
    private static partial Regex Word();
}
