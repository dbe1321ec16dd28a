namespace MigrationHost.Databases.Connections;

/// <summary>Reads the form that .NET's drivers have: <c>Key=value;Key="a;b"</c>. What does not fit is named by its position.</summary>
/// <remarks>
/// The rules are those of DbConnectionStringBuilder, which would quote what it does not understand.
/// <see href="https://learn.microsoft.com/dotnet/api/system.data.common.dbconnectionstringbuilder"/>
/// </remarks>
internal static class DriverPairs
{
    /// <summary>The pairs in their order, without those that have an empty value; null if there is a problem.</summary>
    public static IReadOnlyList<ConnectionPair>? Read(string text, List<string> problems)
    {
        var pairs = new List<ConnectionPair>();
        var at = 0;
        while (Skip(text, ref at))
        {
            var end = text.IndexOf(';', at);
            var equals = text.IndexOf('=', at, (end < 0 ? text.Length : end) - at);
            if (equals < 0)
                return Refuse(problems, $"its {Ordinal.Of(pairs.Count + 1)} part is not key=value{Behind(pairs, pairs.Count)}");
            var key = text[at..equals].Trim();
            at = equals + 1;
            var begin = at;
            if (ReadValue(text, ref at) is not { } value)
                return Refuse(problems,
                    $"the quotes of its {Ordinal.Of(pairs.Count + 1)} value do not end where the value does; double a quote inside");
            pairs.Add(new ConnectionPair(key, value, text[begin..at].Trim().Trim('"', '\'')));
        }
        return pairs;
    }

    /// <summary>What to say of a pair whose key is not known.</summary>
    /// <param name="pairs">All pairs.</param>
    /// <param name="index">The pair's, counted from 0.</param>
    /// <param name="suggestion">What it may have meant.</param>
    public static string Unknown(IReadOnlyList<ConnectionPair> pairs, int index, string suggestion) =>
        $"its {Ordinal.Of(index + 1)} key is not a connection-string key{suggestion}{Behind(pairs, index)}";

    // What is not understood may belong to the password in front of it.
    private static string Behind(IReadOnlyList<ConnectionPair> pairs, int index) =>
        index > 0 && SecretText.IsPassword(pairs[index - 1].Key)
            ? "; if it belongs to the password before it, put that in quotes: Password=\"…\"" : "";

    private static bool Skip(string text, ref int at)
    {
        while (at < text.Length && (text[at] == ';' || char.IsWhiteSpace(text[at])))
            at++;
        return at < text.Length;
    }

    private static string? ReadValue(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        if (at < text.Length && text[at] is '"' or '\'')
            return ReadQuoted(text, ref at);
        var end = text.IndexOf(';', at);
        var value = text[at..(end < 0 ? text.Length : end)].TrimEnd();
        at = end < 0 ? text.Length : end;
        return value;
    }

    private static string? ReadQuoted(string text, ref int at)
    {
        var quote = text[at];
        for (var end = at + 1; end < text.Length; end++)
        {
            if (text[end] != quote)
                continue;
            if (end + 1 < text.Length && text[end + 1] == quote)
            {
                end++;
                continue;
            }
            var value = text[(at + 1)..end].Replace($"{quote}{quote}", $"{quote}", StringComparison.Ordinal);
            for (at = end + 1; at < text.Length && char.IsWhiteSpace(text[at]); at++)
            {
            }
            return at == text.Length || text[at] == ';' ? value : null;
        }
        return null;
    }

    private static IReadOnlyList<ConnectionPair>? Refuse(List<string> problems, string problem)
    {
        problems.Add(problem);
        return null;
    }
}
