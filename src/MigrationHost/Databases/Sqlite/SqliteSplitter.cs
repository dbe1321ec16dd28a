using System.Buffers;
using System.Text;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Finds where the statements of a script end without compiling them, by the rules of
/// <see href="https://www.sqlite.org/c3ref/complete.html">sqlite3_complete</see>.
/// </summary>
/// <remarks>
/// For counting, for what can be refused before anything runs, and for finding again what an interrupted script has done: what
/// is executed is cut by sqlite3_prepare itself.
/// </remarks>
internal static class SqliteSplitter
{
    /// <summary>What ends a statement that makes no trigger, or begins what may hold a semicolon: a string, a name, a comment.</summary>
    private static readonly SearchValues<byte> Ends = SearchValues.Create(";'\"`[-/"u8);

    /// <summary>The statements, each without the blanks and comments before it.</summary>
    public static List<Range> Split(ReadOnlySpan<byte> script)
    {
        // Of a large script its list is no small part: made at once, and never larger than the script.
        var statements = new List<Range>(Math.Min(script.Count((byte)';') + 1, script.Length / sizeof(long)));
        for (var at = Scripts.SqlText.BlankLength(script); at < script.Length; at += Scripts.SqlText.BlankLength(script[at..]))
        {
            var length = StatementLength(script[at..]);
            statements.Add(at..(at + length));
            at += length;
        }
        return statements;
    }

    /// <summary>How long the next token is; blanks and comments are one.</summary>
    public static int TokenLength(ReadOnlySpan<byte> sql) => TokenLength(sql, out _);

    /// <summary>Whether a byte can be part of a name.</summary>
    public static bool IsWordByte(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'$' or >= 0x80;

    /// <summary>The first words of a statement, outside strings, quoted names and comments.</summary>
    public static List<string> Words(ReadOnlySpan<byte> statement, int most)
    {
        var words = new List<string>();
        for (var at = 0; at < statement.Length && words.Count < most;)
        {
            var length = TokenLength(statement[at..], out var kind);
            if (kind == Token.Word)
                words.Add(Encoding.UTF8.GetString(statement.Slice(at, length)));
            at += length;
        }
        return words;
    }

    private static int StatementLength(ReadOnlySpan<byte> sql)
    {
        var words = 0;
        var trigger = false;
        var afterSemicolon = false;
        var afterEnd = false;
        for (var at = 0; at < sql.Length;)
        {
            if (words < 0 && !trigger)
            {
                if (sql[at..].IndexOfAny(Ends) is var next and >= 0)
                    at += next;
                else
                    return sql.Length;
            }
            var length = TokenLength(sql[at..], out var kind);
            var token = sql.Slice(at, length);
            at += length;
            switch (kind)
            {
                case Token.Blank:
                    continue;
                case Token.Semicolon when !trigger || afterEnd:
                    return at;
                case Token.Semicolon:
                    (afterSemicolon, afterEnd) = (true, false);
                    continue;
                case Token.Word when words >= 0 && !trigger:
                    words = OnTheWayToTrigger(words, token, out trigger);
                    continue;
                case Token.Word when Is(token, "END"):
                    (afterSemicolon, afterEnd) = (false, afterSemicolon);
                    continue;
                default:
                    words = -1;
                    (afterSemicolon, afterEnd) = (false, false);
                    continue;
            }
        }
        return sql.Length;
    }

    // [EXPLAIN [QUERY PLAN]] CREATE [TEMP | TEMPORARY] TRIGGER: 0 until CREATE, 1 behind it, -1 once it is something else.
    private static int OnTheWayToTrigger(int words, ReadOnlySpan<byte> token, out bool trigger)
    {
        trigger = words == 1 && Is(token, "TRIGGER");
        return words switch
        {
            0 when Is(token, "CREATE") => 1,
            0 when Is(token, "EXPLAIN") || Is(token, "QUERY") || Is(token, "PLAN") => 0,
            1 when Is(token, "TEMP") || Is(token, "TEMPORARY") || trigger => 1,
            _ => -1,
        };
    }

    private static int TokenLength(ReadOnlySpan<byte> sql, out Token kind)
    {
        var first = sql[0];
        if (first == ';')
        {
            kind = Token.Semicolon;
            return 1;
        }
        var blank = Scripts.SqlText.BlankLength(sql, emptyStatements: false);
        if (blank > 0)
        {
            kind = Token.Blank;
            return blank;
        }
        if (IsWordByte(first))
        {
            kind = Token.Word;
            var length = 1;
            while (length < sql.Length && IsWordByte(sql[length]))
                length++;
            return length;
        }
        kind = Token.Other;
        var close = first switch { (byte)'\'' or (byte)'"' or (byte)'`' => first, (byte)'[' => (byte)']', _ => (byte)0 };
        if (close == 0)
            return 1;
        var end = sql[1..].IndexOf(close);
        return end < 0 ? sql.Length : end + 2;
    }

    private static bool Is(ReadOnlySpan<byte> token, string keyword) => Ascii.EqualsIgnoreCase(token, keyword);

    private enum Token
    {
        Blank,
        Semicolon,
        Word,
        Other,
    }
}
