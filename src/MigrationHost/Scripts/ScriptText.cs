using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace MigrationHost.Scripts;

/// <summary>The text of one migration file: UTF-8 with its line ends normalised to LF and no byte-order mark.</summary>
internal sealed class ScriptText
{
    private readonly ReadOnlyMemory<byte> _text;

    private ScriptText(ReadOnlyMemory<byte> text) => _text = text;

    public ReadOnlySpan<byte> Utf8 => _text.Span;

    /// <summary>Reads what a file holds; null where the problem was reported.</summary>
    public static ScriptText? Read(byte[] content, Action<int?, string> problem)
    {
        var text = content.AsMemory();
        if (text.Span.StartsWith("\uFEFF"u8))
            text = text[3..];
        var bytes = text.Span;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            problem(null, "is encoded in UTF-16; save it as UTF-8");
        else if (bytes.IndexOf((byte)0) is var nul and >= 0)
            problem(LineIn(bytes, nul), "contains a NUL byte; the text behind it would never run. Save it as UTF-8 text");
        else if (FirstInvalid(bytes) is { } invalid)
            problem(LineIn(bytes, invalid), $"byte 0x{bytes[invalid]:X2} is not valid UTF-8; save the file as UTF-8");
        else
            return new ScriptText(bytes.Contains((byte)'\r') ? WithLineFeedsOnly(bytes) : text);
        return null;
    }

    /// <summary>SHA-256 of <see cref="Utf8"/>, so that a checkout with CRLF has the same checksum.</summary>
    public string Checksum()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Utf8, hash);
        return string.Concat("sha256:", Convert.ToHexStringLower(hash));
    }

    /// <summary>The first line, where it is a comment: only that can be a header. Else empty.</summary>
    public string FirstComment()
    {
        if (!Utf8.TrimStart(" \t"u8).StartsWith("--"u8))
            return "";
        var end = Utf8.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? Utf8 : Utf8[..end]);
    }

    public int LineAt(int offset) => LineIn(Utf8, offset);

    /// <summary>A copy with a NUL behind it.</summary>
    /// <remarks>For sqlite3_prepare, which copies the rest of the script for every statement unless the text it gets ends with one. <see href="https://www.sqlite.org/c3ref/prepare.html"/></remarks>
    public byte[] ToArrayWithNul()
    {
        var copy = new byte[_text.Length + 1];
        _text.CopyTo(copy);
        return copy;
    }

    private static byte[] WithLineFeedsOnly(ReadOnlySpan<byte> bytes)
    {
        var text = new byte[bytes.Length];
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\r' || i + 1 >= bytes.Length || bytes[i + 1] != '\n')
                text[length++] = bytes[i];
        }
        return text[..length];
    }

    private static int? FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return null;
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
            at += length;
        return at;
    }

    private static int LineIn(ReadOnlySpan<byte> bytes, int offset) => 1 + bytes[..offset].Count((byte)'\n');
}
