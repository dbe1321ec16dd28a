using System.Text;

namespace MigrationHost.Databases.Connections;

/// <summary>
/// Reads libpq's form: <c>host=db dbname=app password='a b'</c>.
/// <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE"/>
/// </summary>
internal static class KeywordPairs
{
    /// <summary>The pairs in their order; null if there is a problem.</summary>
    public static IReadOnlyList<ConnectionPair>? Read(string text, List<string> problems)
    {
        var pairs = new List<ConnectionPair>();
        var at = 0;
        while (Skip(text, ref at))
        {
            var end = at;
            while (end < text.Length && text[end] != '=' && !char.IsWhiteSpace(text[end]))
                end++;
            var key = text[at..end];
            at = end;
            if (!Skip(text, ref at) || text[at] != '=')
                return Refuse(problems, $"its {Ordinal.Of(pairs.Count + 1)} part is not keyword=value{Behind(pairs)}");
            at++;
            Skip(text, ref at);
            var begin = at;
            if (ReadValue(text, ref at) is not { } value)
                return Refuse(problems,
                    $"the quote of its {Ordinal.Of(pairs.Count + 1)} value does not end; write \\' for a quote inside of it");
            pairs.Add(new ConnectionPair(key, value, text[begin..at].Trim('\'')));
        }
        return pairs;
    }

    private static string Behind(List<ConnectionPair> pairs) =>
        pairs.Count > 0 && SecretText.IsPassword(pairs[^1].Key)
            ? "; if it belongs to the password before it, put that in quotes: password='…'" : "";

    private static bool Skip(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at < text.Length;
    }

    private static string? ReadValue(string text, ref int at)
    {
        var quoted = at < text.Length && text[at] == '\'';
        var value = new StringBuilder();
        for (at += quoted ? 1 : 0; at < text.Length; at++)
        {
            if (quoted ? text[at] == '\'' : char.IsWhiteSpace(text[at]))
            {
                at += quoted ? 1 : 0;
                return value.ToString();
            }
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at]);
        }
        return quoted ? null : value.ToString();
    }

    private static IReadOnlyList<ConnectionPair>? Refuse(List<string> problems, string problem)
    {
        problems.Add(problem);
        return null;
    }
}
