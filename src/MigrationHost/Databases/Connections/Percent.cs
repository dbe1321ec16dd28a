using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MigrationHost.Databases.Connections;

/// <summary>Percent-decoding as libpq does it: strictly. A '%' that was meant as itself would change a password silently.</summary>
internal static class Percent
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>False if a '%' is not followed by two hexadecimal digits, or what they say is NUL or no UTF-8.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = text;
        if (!text.Contains('%', StringComparison.Ordinal))
            return true;
        decoded = null;
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                bytes.AddRange(
                    Encoding.UTF8.GetBytes(char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? text[i..(++i + 1)] : text[i..(i + 1)]));
                continue;
            }
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                return false;
            bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
            i += 2;
        }
        try
        {
            decoded = Strict.GetString([.. bytes]);
            return !decoded.Contains('\0', StringComparison.Ordinal);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
