using System.Text;

namespace MigrationHost.Tests.Support;

/// <summary>The fields of a message by their numbers, without its schema.</summary>
/// <remarks><see href="https://protobuf.dev/programming-guides/encoding/"/></remarks>
internal sealed class ProtobufMessage
{
    private readonly List<(int Number, byte[] Value)> _fields = [];

    public ProtobufMessage(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var key = Varint(ref bytes);
            var length = (key & 7) switch
            {
                0 => SkipVarint(bytes),
                1 => 8,
                2 => (int)Varint(ref bytes),
                5 => 4,
                _ => throw new InvalidDataException($"wire type {key & 7}"),
            };
            if ((key & 7) == 2)
                _fields.Add(((int)(key >> 3), bytes[..length].ToArray()));
            bytes = bytes[length..];
        }
    }

    public IEnumerable<byte[]> Bytes(int number) => _fields.Where(field => field.Number == number).Select(field => field.Value);

    public IEnumerable<string> Texts(int number) => Bytes(number).Select(Encoding.UTF8.GetString);

    public IEnumerable<ProtobufMessage> Messages(int number) => Bytes(number).Select(bytes => new ProtobufMessage(bytes));

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        var length = SkipVarint(bytes);
        for (var i = 0; i < length; i++)
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
        bytes = bytes[length..];
        return value;
    }

    private static int SkipVarint(ReadOnlySpan<byte> bytes)
    {
        var length = 0;
        while ((bytes[length++] & 0x80) != 0)
        {
        }
        return length;
    }
}
