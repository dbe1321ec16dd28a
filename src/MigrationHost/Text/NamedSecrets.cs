using System.Buffers;
using System.Text.RegularExpressions;

namespace MigrationHost;

/// <summary>
/// What is secret by its name in a command line, or in a variable's value, whatever form it has: <c>--token=…</c>, <c>--password …</c>,
/// <c>"password": "…"</c>, <c>?token=…</c>, <c>AccountKey=…</c>, and <c>user:password@host</c>.
/// </summary>
/// <remarks>Not for what people write: in their sentences, a word behind such a name is a word.</remarks>
internal static partial class NamedSecrets
{
    private static readonly string[] Signs = ["pass", "pwd", "psw", "secret", "token", "key"];

    /// <summary>The clients whose <c>-p</c> has the password right behind it.</summary>
    private static readonly string[] Clients = ["mysql", "mariadb"];

    private static readonly SearchValues<char> NotInAccount = SearchValues.Create(" \t\r\n\"'{=");

    public static IEnumerable<string> In(string text) =>
        Pairs(text).Concat(AccountPassword(text) is { } password ? [password] : []);

    /// <summary>Those of a program's arguments.</summary>
    public static IEnumerable<string> InArguments(string program, IReadOnlyList<string> arguments)
    {
        var isClient = Array.Exists(Clients, name => Path.GetFileName(program).Contains(name, StringComparison.OrdinalIgnoreCase));
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            foreach (var secret in SecretText.In(argument).Concat(In(argument)))
                yield return secret;
            if (i > 0 && IsOption(arguments[i - 1]) && !argument.StartsWith('-'))
                yield return argument;
            if (isClient && argument is ['-', 'p', not '\0', ..])
                yield return argument[2..];
        }
    }

    private static bool IsOption(string argument) =>
        argument is ['-' or '/', ..] && !argument.AsSpan().ContainsAny('=', ' ', ':') && IsSecretName(argument.TrimStart('-', '/'));

    // A key that is called nothing else is the name of something more often than a secret.
    private static bool IsSecretName(string name) =>
        SecretText.IsSecretName(name) && !name.TrimStart('-').Equals("key", StringComparison.OrdinalIgnoreCase);

    // What every start asks is asked without a regular expression.
    private static IEnumerable<string> Pairs(string text) =>
        !text.AsSpan().ContainsAny('=', ':', ' ')
            || !Array.Exists(Signs, sign => text.Contains(sign, StringComparison.OrdinalIgnoreCase)) ? []
        : from match in Pair().Matches(text)
          where IsSecretName(match.Groups["name"].Value)
          let written = match.Groups["value"].Value
          let value = written is ['"' or '\'', .., '"' or '\''] ? written[1..^1] : written
          where value.Length > 0
          from secret in new[] { value, Unescaped(value) }
          select secret;

    private static string Unescaped(string value) => value
        .Replace("\\\"", "\"", StringComparison.Ordinal)
        .Replace("\\\\", "\\", StringComparison.Ordinal);

    // An image has a name of this form too: name:tag@sha256:…
    private static string? AccountPassword(string text)
    {
        var (colon, at) = (text.IndexOf(':', StringComparison.Ordinal), text.LastIndexOf('@'));
        return colon > 0 && at > colon + 1 && at < text.Length - 1
            && !text.AsSpan(0, at).ContainsAny(NotInAccount) && !text.AsSpan(0, colon).Contains('/')
            && !text.Contains("://", StringComparison.Ordinal) && !text.AsSpan(at + 1).StartsWith("sha256:", StringComparison.Ordinal)
            && !text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)
            ? text[(colon + 1)..at] : null;
    }

    // A name, then '=', or ':' behind a quoted name, or ': ', or ':' or a blank behind a name that begins like an option.
    [GeneratedRegex(
        @"(?<![\w.\-])(?<name>(?>[\w.\-]+))(?:[""']\s*:\s*|\s*=\s*|:\s+|(?<=(?:^|\s)[\-/]{1,2}[\w.\-]+)(?::|\s+(?!-)))"
            + @"(?=(?<value>""(?:[^""\\]|\\.)*""|'[^']*'|[^\s;&,'""}]+))")]
    private static partial Regex Pair();
}
