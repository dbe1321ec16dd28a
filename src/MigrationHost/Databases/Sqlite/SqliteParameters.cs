using System.Buffers;
using System.Text;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Finds parameters in a script (<c>?</c>, <c>?1</c>, <c>:name</c>, <c>@name</c>, <c>$name</c>): nobody binds them, and SQLite takes an
/// unbound one for NULL silently. <see href="https://www.sqlite.org/lang_expr.html#varparam"/>
/// </summary>
internal static class SqliteParameters
{
    public const string Remedy = "Write the value in its place; a text goes in single quotes.";

    /// <summary>What a parameter begins with, or a string, a name or a comment, in which there is none.</summary>
    private static readonly SearchValues<byte> Signs = SearchValues.Create("?:@$'\"`[-/"u8);

    /// <summary>
    /// Where the first one is and what it is called; null if there is none. What stands in texts, quoted names and comments is none.
    /// </summary>
    public static (int At, string Name)? First(ReadOnlySpan<byte> script)
    {
        for (var at = 0; script[at..].IndexOfAny(Signs) is var next and >= 0; at += SqliteSplitter.TokenLength(script[at..]))
        {
            at += next;
            var sign = script[at];
            var name = script[(at + 1)..];
            var length = 0;
            while (length < name.Length && SqliteSplitter.IsWordByte(name[length]))
                length++;
            var inWord = sign == '$' && at > 0 && SqliteSplitter.IsWordByte(script[at - 1]);
            if (sign == '?' || sign is (byte)':' or (byte)'@' or (byte)'$' && length > 0 && !inWord)
                return (at, Encoding.UTF8.GetString(script.Slice(at, 1 + length)));
        }
        return null;
    }

    public static string Refusal(string name) =>
        $"uses the parameter {name}, but a migration's parameters have no value: SQLite would store NULL";
}
