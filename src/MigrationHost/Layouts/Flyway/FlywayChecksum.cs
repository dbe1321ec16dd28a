using System.Globalization;
using System.Text;

namespace MigrationHost.Layouts;

/// <summary>Flyway's checksum: CRC-32 of all lines without their ends, as a signed number.</summary>
/// <remarks><see
/// href="https://github.com/flyway/flyway/blob/main/flyway-core/src/main/java/org/flywaydb/core/internal/resolver/ChecksumCalculator.java"/>
/// </remarks>
internal static class FlywayChecksum
{
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        var crc = uint.MaxValue;
        foreach (var letter in utf8)
        {
            if (letter is not ((byte)'\r' or (byte)'\n'))
                crc = Crc32.Add(crc, letter);
        }
        return unchecked((int)~crc).ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc cref="Of(ReadOnlySpan{byte})"/>
    public static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));
}
