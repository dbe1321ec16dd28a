using System.Buffers;

namespace MigrationHost.Scripts;

/// <summary>Finds the comments, strings and quoted names of an SQL text, one after the other; everything between them is code. One that is
/// not closed ends with the text.</summary>
internal ref struct SqlScanner(ReadOnlySpan<byte> text, SqlSyntax syntax)
{
    private const int LongestTag = 200;

    private static readonly SearchValues<byte> Starts = SearchValues.Create("'\"`[$-/#"u8);
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);
    private static readonly SearchValues<byte> BlockEnds = SearchValues.Create("/*"u8);

    private readonly ReadOnlySpan<byte> _text = text;

    public SqlPiece Kind { get; private set; }

    public int Start { get; private set; }

    /// <summary>The first byte behind it.</summary>
    public int End { get; private set; }

    /// <summary>Goes to the next piece; false where only code is left.</summary>
    public bool MoveNext()
    {
        for (var at = End; at < _text.Length; at++)
        {
            if (_text[at..].IndexOfAny(Starts) is not (var found and >= 0))
                return false;
            at += found;
            if (LengthAt(at, out var kind) is not (var length and > 0))
                continue;
            (Kind, Start, End) = (kind, at, at + length);
            return true;
        }
        return false;
    }

    private readonly int LengthAt(int at, out SqlPiece kind)
    {
        var rest = _text[at..];
        kind = rest[0] switch
        {
            (byte)'-' or (byte)'#' => SqlPiece.LineComment,
            (byte)'/' => SqlPiece.BlockComment,
            _ => SqlPiece.Quoted,
        };
        return rest[0] switch
        {
            (byte)'-' => rest.StartsWith("--"u8) && AreDashesComment(at) ? LineLength(rest) : 0,
            (byte)'#' => syntax.HashComments ? LineLength(rest) : 0,
            (byte)'/' => !rest.StartsWith("/*"u8) ? 0 : syntax.NestedComments ? NestedLength(rest) : BlockLength(rest),
            (byte)'$' => syntax.DollarQuotes && !IsName(at - 1) ? DollarLength(rest) : 0,
            (byte)'`' => syntax.Backticks ? QuotedLength(rest, (byte)'`') : 0,
            (byte)'[' => syntax.Brackets ? QuotedLength(rest, (byte)']') : 0,
            _ => HasEscapes(at) ? EscapedLength(rest) : QuotedLength(rest, rest[0]),
        };
    }

    // Tools cut a file at lines with marks such as --//@UNDO, whatever the server takes them for.
    private readonly bool AreDashesComment(int at) =>
        !syntax.DashesNeedBlank || at + 2 >= _text.Length || _text[at + 2] <= ' ' || IsAtLineStart(at);

    private readonly bool IsAtLineStart(int at)
    {
        var before = _text[..at].TrimEnd(" \t"u8);
        return before.IsEmpty || before[^1] is (byte)'\n' or (byte)'\r';
    }

    // In E'…' of PostgreSQL, and in every string of MySQL, a backslash escapes what follows.
    private readonly bool HasEscapes(int at) => syntax.Escapes
        || syntax.EscapeStrings && _text[at] == '\'' && at > 0 && _text[at - 1] is (byte)'E' or (byte)'e' && !IsName(at - 2);

    private readonly bool IsName(int at) =>
        at >= 0 && (char.IsAsciiLetterOrDigit((char)_text[at]) || _text[at] is (byte)'_' or (byte)'$' or >= 0x80);

    private static int LineLength(ReadOnlySpan<byte> rest) => To(rest, rest.IndexOfAny(LineEnds), 0);

    // A doubled quote is two quoted texts side by side, which comes to the same.
    private static int QuotedLength(ReadOnlySpan<byte> rest, byte close) => 1 + To(rest[1..], rest[1..].IndexOf(close), 1);

    private static int EscapedLength(ReadOnlySpan<byte> rest)
    {
        var at = 1;
        while (at < rest.Length && rest[at] != rest[0])
            at += rest[at] == '\\' ? 2 : 1;
        return Math.Min(at + 1, rest.Length);
    }

    private static int BlockLength(ReadOnlySpan<byte> rest) => 2 + To(rest[2..], rest[2..].IndexOf("*/"u8), 2);

    private static int NestedLength(ReadOnlySpan<byte> rest)
    {
        var depth = 0;
        for (var at = 0; at < rest.Length; at++)
        {
            if (rest[at..].IndexOfAny(BlockEnds) is not (var found and >= 0))
                break;
            at += found;
            var change = rest[at..].StartsWith("/*"u8) ? 1 : rest[at..].StartsWith("*/"u8) ? -1 : 0;
            depth += change;
            if (change != 0)
                at++;
            if (depth == 0)
                return at + 1;
        }
        return rest.Length;
    }

    // $$ or $tag$, where the tag is a name; 0 where it is neither, such as the parameter $1.
    private static int DollarLength(ReadOnlySpan<byte> rest)
    {
        if (rest[1..Math.Min(rest.Length, LongestTag)].IndexOf((byte)'$') is not (var tagLength and >= 0))
            return 0;
        var tag = rest[..(tagLength + 2)];
        if (tagLength > 0 && char.IsAsciiDigit((char)tag[1]))
            return 0;
        foreach (var letter in tag[1..^1])
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'_' or >= 0x80))
                return 0;
        }
        return tag.Length + To(rest[tag.Length..], rest[tag.Length..].IndexOf(tag), tag.Length);
    }

    private static int To(ReadOnlySpan<byte> rest, int found, int length) => found < 0 ? rest.Length : found + length;
}
