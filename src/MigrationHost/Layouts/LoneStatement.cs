using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Tells scripts of one statement that cannot run in a transaction: tools that send a file as it is run them without any
/// mark.</summary>
internal static partial class LoneStatement
{
    /// <summary>Whether the only statement of a script is one that cannot run in a transaction.</summary>
    public static bool NeedsNoTransaction(ScriptText script)
    {
        var sql = script.Utf8[SqlText.BlankLength(script.Utf8)..];
        if (!sql.IsEmpty && char.ToUpperInvariant((char)sql[0]) is not ('A' or 'C' or 'D' or 'R' or 'V'))
            return false;
        return Begins().IsMatch(Encoding.UTF8.GetString(sql)) && IsAlone(sql);
    }

    private static bool IsAlone(ReadOnlySpan<byte> sql)
    {
        var code = 0;
        for (var scanner = new SqlScanner(sql); scanner.MoveNext(); code = scanner.End)
        {
            if (sql[code..scanner.Start].IndexOf((byte)';') is var end and >= 0)
                return IsOver(sql[(code + end)..]);
        }
        return sql[code..].IndexOf((byte)';') is not (var last and >= 0) || IsOver(sql[(code + last)..]);
    }

    private static bool IsOver(ReadOnlySpan<byte> rest) => SqlText.BlankLength(rest) == rest.Length;

    // https://www.postgresql.org/docs/current/sql-createindex.html and its like
    [GeneratedRegex(
        @"^(CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY|DROP\s+INDEX\s+CONCURRENTLY|REINDEX\b[^;]*\bCONCURRENTLY|VACUUM|CREATE\s+DATABASE"
            + @"|DROP\s+DATABASE|CREATE\s+TABLESPACE|DROP\s+TABLESPACE|ALTER\s+SYSTEM)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Begins();
}
