using System.Buffers.Binary;
using System.Numerics;

namespace MigrationHost.Layouts;

/// <summary>SipHash-1-3 with the key 0, as refinery uses it.</summary>
/// <remarks><see href="https://en.wikipedia.org/wiki/SipHash"/></remarks>
internal static class SipHash
{
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> v = [0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573];
        var whole = bytes.Length & ~7;
        for (var at = 0; at < whole; at += 8)
            Mix(v, BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]));
        Span<byte> last = stackalloc byte[8];
        bytes[whole..].CopyTo(last);
        last[7] = (byte)bytes.Length;
        Mix(v, BinaryPrimitives.ReadUInt64LittleEndian(last));
        v[2] ^= 0xFF;
        for (var i = 0; i < 3; i++)
            Round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Mix(Span<ulong> v, ulong word)
    {
        v[3] ^= word;
        Round(v);
        v[0] ^= word;
    }

    private static void Round(Span<ulong> v)
    {
        unchecked
        {
            v[0] += v[1];
            v[2] += v[3];
            v[1] = BitOperations.RotateLeft(v[1], 13) ^ v[0];
            v[3] = BitOperations.RotateLeft(v[3], 16) ^ v[2];
            v[0] = BitOperations.RotateLeft(v[0], 32) + v[3];
            v[2] += v[1];
            v[3] = BitOperations.RotateLeft(v[3], 21) ^ v[0];
            v[1] = BitOperations.RotateLeft(v[1], 17) ^ v[2];
            v[2] = BitOperations.RotateLeft(v[2], 32);
        }
    }
}
