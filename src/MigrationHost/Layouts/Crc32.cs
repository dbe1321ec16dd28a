namespace MigrationHost.Layouts;

/// <summary>CRC-32 as zip files have it, which tools use for checksums and for the numbers of their locks.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
            crc = Add(crc, one);
        return ~crc;
    }

    /// <summary>One byte more: it begins with all bits set, and the complement of the last is the sum.</summary>
    public static uint Add(uint crc, byte one)
    {
        crc ^= one;
        for (var bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ Polynomial : crc >> 1;
        return crc;
    }
}
