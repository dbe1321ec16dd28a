using System.Net;
using System.Text;

namespace MigrationHost.Masking;

/// <summary>How a program may write a secret that it was given: in an address, in JSON, in a string of Python or SQL, in HTML.</summary>
internal static class SecretForms
{
    /// <summary>The secret itself first.</summary>
    public static IEnumerable<string> Of(string secret)
    {
        var address = Uri.EscapeDataString(secret);
        var backslashes = secret.Replace("\\", "\\\\", StringComparison.Ordinal);
        return
        [
            secret,
            address,
            address.Replace("%20", "+", StringComparison.Ordinal),
            backslashes,
            Escaped(secret, quote: '"', asciiOnly: false),
            Escaped(secret, quote: '"', asciiOnly: true),
            Escaped(secret, quote: '\'', asciiOnly: false),
            Escaped(secret, quote: null, asciiOnly: false),
            secret.Replace("'", "''", StringComparison.Ordinal),
            WebUtility.HtmlEncode(secret),
            WebUtility.HtmlEncode(secret).Replace("&#39;", "&#x27;", StringComparison.Ordinal),
        ];
    }

    private static string Escaped(string secret, char? quote, bool asciiOnly)
    {
        var escaped = new StringBuilder();
        foreach (var character in secret)
        {
            _ = character switch
            {
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                _ when character == quote => escaped.Append('\\').Append(character),
                > '\u007E' when asciiOnly =>
                    escaped.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => escaped.Append(character),
            };
        }
        return escaped.ToString();
    }
}
