using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MigrationHost.Scripts;

/// <summary>The text of one migration file: UTF-8 with its line ends normalised to LF, no byte-order mark, and a NUL behind it.</summary>
/// <remarks>The NUL is for sqlite3_prepare, which copies the rest of the script for every statement unless the text it gets ends with one. <see href="https://www.sqlite.org/c3ref/prepare.html"/></remarks>
internal sealed class ScriptText
{
    private readonly byte[] _bytes;
    private readonly int _length;

    private ScriptText(byte[] bytes, int length)
    {
        _bytes = bytes;
        _length = length;
    }

    public ReadOnlySpan<byte> Utf8 => _bytes.AsSpan(0, _length);

    public ReadOnlySpan<byte> Utf8WithNul => _bytes.AsSpan(0, _length + 1);

    /// <summary>SHA-256 of <see cref="Utf8"/>, so that a checkout with CRLF has the same checksum.</summary>
    public string Checksum() => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Utf8));

    public string FirstLine()
    {
        var end = Utf8.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? Utf8 : Utf8[..end]);
    }

    public int LineAt(int offset) => 1 + Utf8[..offset].Count((byte)'\n');

    /// <summary>Reads what a file holds; null where the problem was reported.</summary>
    public static ScriptText? Read(byte[] content, Action<int?, string> problem)
    {
        var bytes = content.AsSpan();
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        else if (bytes.Length >= 2 && BinaryPrimitives.ReadUInt16LittleEndian(bytes) is 0xFEFF or 0xFFFE)
        {
            problem(null, "is encoded in UTF-16; save it as UTF-8");
            return null;
        }

        var nul = bytes.IndexOf((byte)0);
        if (nul >= 0)
        {
            problem(LineIn(bytes, nul), "contains a NUL byte; the text behind it would never run. Save it as UTF-8 text");
            return null;
        }
        if (!Utf8IsValid(bytes, out var invalidAt))
        {
            problem(LineIn(bytes, invalidAt), $"byte 0x{bytes[invalidAt]:X2} is not valid UTF-8; save the file as UTF-8");
            return null;
        }
        return Normalised(bytes);
    }

    private static ScriptText Normalised(ReadOnlySpan<byte> bytes)
    {
        var text = new byte[bytes.Length + 1];
        if (bytes.IndexOf((byte)'\r') < 0)
        {
            bytes.CopyTo(text);
            return new ScriptText(text, bytes.Length);
        }
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\r' || i + 1 >= bytes.Length || bytes[i + 1] != '\n')
                text[length++] = bytes[i];
        }
        text[length] = 0;
        return new ScriptText(text, length);
    }

    private static bool Utf8IsValid(ReadOnlySpan<byte> bytes, out int invalidAt)
    {
        invalidAt = 0;
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return true;
        while (Rune.DecodeFromUtf8(bytes[invalidAt..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
            invalidAt += consumed;
        return false;
    }

    private static int LineIn(ReadOnlySpan<byte> bytes, int offset) => 1 + bytes[..offset].Count((byte)'\n');
}
