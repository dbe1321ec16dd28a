using System.Text.RegularExpressions;

namespace MigrationHost;

/// <summary>Finds what is secret in a text by its form: the password of an address, and the value of <c>password=…</c>.</summary>
/// <remarks>What every start asks is asked without a regular expression: the first one costs a start some 20 ms.</remarks>
internal static partial class SecretText
{
    private static readonly string[] SecretWords = ["password", "passwd", "passphrase", "secret", "token"];
    private static readonly string[] PasswordWords = ["password", "pass word", "passwd", "pwd", "psw"];

    /// <summary>A shell's own.</summary>
    private static readonly string[] Folders = ["PWD", "OLDPWD"];

    /// <summary>Whether the name of a setting or an environment variable says that its value is secret.</summary>
    public static bool IsSecretName(string name) =>
        Has(SecretWords, name)
        || Ends(name, "pass") || Ends(name, "psw") || Ends(name, "key") || Ends(name, "keys")
        || (Ends(name, "pwd") && !Folders.Contains(name, StringComparer.OrdinalIgnoreCase))
        || Array.Exists(name.Split('_', '.', '-')[..^1], part => part.Equals("key", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a key of a connection string has a password as its value.</summary>
    public static bool IsPassword(string key) => Has(PasswordWords, key);

    /// <summary>
    /// The secrets in a text, as they are written there and decoded. Where it is not certain how far a password goes, each possibility.
    /// </summary>
    public static IEnumerable<string> In(string text) =>
        AddressPasswords(text).Concat(PairValues(text)).SelectMany(secret => new[] { secret, Uri.UnescapeDataString(secret) });

    /// <summary>The text with the passwords of its addresses replaced.</summary>
    public static string MaskAddresses(string text, string mask) =>
        text.Contains("://", StringComparison.Ordinal) ? InAddress().Replace(text, $"${{before}}{mask}${{after}}") : text;

    /// <summary>The text with the values of <c>password=…</c> replaced.</summary>
    public static string MaskPairs(string text, string mask) => MayHavePair(text) ? InPair().Replace(text, $"${{before}}{mask}") : text;

    // A password that should have been encoded may contain '@', '/' or '?': its end is then a guess.
    private static IEnumerable<string> AddressPasswords(string text)
    {
        for (var at = text.IndexOf("://", StringComparison.Ordinal); at >= 0; at = text.IndexOf("://", at + 3, StringComparison.Ordinal))
        {
            var rest = text[(at + 3)..].Split([' ', '\t', '\r', '\n'], 2)[0];
            var authority = rest.Split(['/', '?', '#'], 2)[0];
            foreach (var part in new[] { rest, authority, rest.Split('?', 2)[0] })
            {
                var user = part.IndexOf(':', StringComparison.Ordinal);
                int[] ends = [part.IndexOf('@', StringComparison.Ordinal), part.LastIndexOf('@')];
                foreach (var end in ends.Where(end => user >= 0 && end > user + 1))
                    yield return part[(user + 1)..end];
            }
        }
    }

    private static IEnumerable<string> PairValues(string text) =>
        MayHavePair(text) ? InPair().Matches(text).Select(match => match.Groups["value"].Value.Trim('"', '\''))
            .Where(value => value.Length > 0) : [];

    private static bool MayHavePair(string text) =>
        text.Contains("pass", StringComparison.OrdinalIgnoreCase) || text.Contains("pwd", StringComparison.OrdinalIgnoreCase)
            || text.Contains("psw", StringComparison.OrdinalIgnoreCase);

    private static bool Has(string[] words, string name) =>
        Array.Exists(words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static bool Ends(string name, string word) => name.EndsWith(word, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"(?<before>://[^:/@\s]*:)\S+(?<after>@)")]
    private static partial Regex InAddress();

    [GeneratedRegex(
        @"(?<before>(?<![A-Za-z])(PGPASSWORD|ssl ?password|password|passwd|pwd|psw)\s*=\s*)(?<value>""[^""]*""|'[^']*'|[^\s;&,'""]+)",
        RegexOptions.IgnoreCase)]
    private static partial Regex InPair();
}
