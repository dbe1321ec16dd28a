using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MigrationHost.Scripts;

/// <summary>The text of one migration file: UTF-8 with its line ends normalised to LF and no byte-order mark.</summary>
internal sealed class ScriptText
{
    private readonly ReadOnlyMemory<byte> _text;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _asBefore;
    private object? _found;

    private ScriptText(ReadOnlyMemory<byte> text, SqlSyntax syntax, IReadOnlyList<ReadOnlyMemory<byte>>? asBefore = null) =>
        (_text, Syntax, _asBefore) = (text, syntax, asBefore ?? []);

    /// <summary>How it is to be read.</summary>
    public SqlSyntax Syntax { get; }

    public ReadOnlySpan<byte> Utf8 => _text.Span;

    public ReadOnlyMemory<byte> Memory => _text;

    /// <summary>What a database finds in it, found once: a script of many megabytes is reviewed before it runs.</summary>
    public T Once<T>(Func<T> find) where T : class => (T)(_found ??= find());

    /// <summary>A text that was generated, or made of that of a file, as it is: what it has in strings is data.</summary>
    public static ScriptText Of(string text, SqlSyntax syntax) => new(Encoding.UTF8.GetBytes(text), syntax);

    /// <summary>Reads what a file holds; null where the problem was reported.</summary>
    public static ScriptText? Read(ReadOnlyMemory<byte> content, SqlSyntax syntax, Action<int?, string> problem)
    {
        var text = content;
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
            return bytes.Contains((byte)'\r') ? WithLineFeedsOnly(bytes, syntax) : new ScriptText(text, syntax);
        return null;
    }

    /// <summary>SHA-256 of <see cref="Utf8"/>, so that a checkout with CRLF has the same checksum.</summary>
    public string Checksum() => ChecksumOf(Utf8);

    /// <summary>What earlier versions recorded for it: a carriage return alone did not count as a line end in one, and was looked for with
    /// the eyes of PostgreSQL in another.</summary>
    public IEnumerable<string> FormerChecksums() => _asBefore.Select(before => ChecksumOf(before.Span));

    /// <summary>The first line, where it is a comment: only that can be a header. Else empty.</summary>
    public string FirstComment()
    {
        if (!Utf8.TrimStart(" \t"u8).StartsWith("--"u8))
            return "";
        var end = Utf8.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? Utf8 : Utf8[..end]);
    }

    /// <summary>The line of the first byte-order mark in it that is neither in a string nor in a comment; null where there is
    /// none.</summary>
    public int? ByteOrderMark()
    {
        var mark = "\uFEFF"u8;
        if (Utf8.IndexOf(mark) < 0)
            return null;
        var code = 0;
        for (var scanner = new SqlScanner(Utf8, Syntax); scanner.MoveNext(); code = scanner.End)
        {
            if (Utf8[code..scanner.Start].IndexOf(mark) is var found and >= 0)
                return LineAt(code + found);
        }
        return Utf8[code..].IndexOf(mark) is var last and >= 0 ? LineAt(code + last) : null;
    }

    public int LineAt(int offset) => LineIn(Utf8, offset);

    /// <summary>The same text with everything but these parts blank: lines and columns stay those of the file.</summary>
    public ScriptText Only(IEnumerable<Range> parts)
    {
        var text = new byte[Utf8.Length];
        for (var i = 0; i < text.Length; i++)
            text[i] = Utf8[i] == '\n' ? (byte)'\n' : (byte)' ';
        foreach (var part in parts)
            Utf8[part].CopyTo(text.AsSpan(part));
        return new ScriptText(text, Syntax);
    }

    /// <summary>It with a NUL behind it; a copy where there is none in memory.</summary>
    /// <remarks>
    /// For sqlite3_prepare, which copies the rest of the script for every statement unless the text it gets ends with one.
    /// <see href="https://www.sqlite.org/c3ref/prepare.html"/>
    /// </remarks>
    public ReadOnlyMemory<byte> WithNul()
    {
        if (MemoryMarshal.TryGetArray(_text, out var part) && part.Offset + part.Count is var end
            && end < part.Array!.Length && part.Array[end] == 0)
            return part.Array.AsMemory(part.Offset, part.Count + 1);
        var copy = new byte[_text.Length + 1];
        _text.CopyTo(copy);
        return copy;
    }

    private static ScriptText WithLineFeedsOnly(ReadOnlySpan<byte> bytes, SqlSyntax syntax)
    {
        var text = new byte[bytes.Length];
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '\r' || i + 1 >= bytes.Length || bytes[i + 1] != '\n')
                text[length++] = bytes[i];
        }
        var lines = text.AsMemory(0, length);
        return lines.Span.Contains((byte)'\r')
            ? new ScriptText(
                WithoutCarriageReturns(lines.Span, syntax), syntax, [lines, WithoutCarriageReturns(lines.Span, SqlSyntax.PostgreSql)])
            : new ScriptText(lines, syntax);
    }

    /// <remarks>To SQLite a comment goes on behind a carriage return, and would swallow the statement on what every editor shows as the
    /// next line. In a string it is the user's data.</remarks>
    private static byte[] WithoutCarriageReturns(ReadOnlySpan<byte> lines, SqlSyntax syntax)
    {
        var text = lines.ToArray();
        var code = 0;
        for (var scanner = new SqlScanner(lines, syntax); scanner.MoveNext(); code = scanner.End)
        {
            if (scanner.Kind == SqlPiece.Quoted)
                text.AsSpan(code..scanner.Start).Replace((byte)'\r', (byte)'\n');
            else
                text.AsSpan(code..scanner.End).Replace((byte)'\r', (byte)'\n');
        }
        text.AsSpan(code).Replace((byte)'\r', (byte)'\n');
        return text;
    }

    private static string ChecksumOf(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return string.Concat("sha256:", Convert.ToHexStringLower(hash));
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
