using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>How many statements of a script cannot run in a transaction, and how many others there are: some tools decide by that, without
/// any mark.</summary>
/// <param name="Outside">How many cannot run in a transaction.</param>
/// <param name="Inside">How many others there are.</param>
internal readonly partial record struct TransactionNeeds(int Outside, int Inside)
{
    private const int LongestBeginning = 400;

    /// <summary>Whether the only statement is one that cannot run in a transaction.</summary>
    public bool IsLone => this == new TransactionNeeds(1, 0);

    /// <summary>Counts the statements of a script.</summary>
    public static TransactionNeeds Of(ScriptText script)
    {
        var sql = script.Utf8;
        var (needs, from, code) = (default(TransactionNeeds), 0, 0);
        for (var scanner = new SqlScanner(sql, script.Syntax); ; code = scanner.End)
        {
            var isPiece = scanner.MoveNext();
            var end = isPiece ? scanner.Start : sql.Length;
            while (sql[code..end].IndexOf((byte)';') is var found and >= 0)
            {
                code += found + 1;
                needs = needs.With(sql[from..code]);
                from = code;
            }
            if (!isPiece)
                return needs.With(sql[from..]);
        }
    }

    private TransactionNeeds With(ReadOnlySpan<byte> statement)
    {
        statement = statement[SqlText.BlankLength(statement)..];
        if (statement.IsEmpty)
            return this;
        return char.ToUpperInvariant((char)statement[0]) is 'A' or 'C' or 'D' or 'R' or 'V' && Begins().IsMatch(Beginning(statement))
            ? this with { Outside = Outside + 1 }
            : this with { Inside = Inside + 1 };
    }

    private static string Beginning(ReadOnlySpan<byte> statement) =>
        Encoding.UTF8.GetString(statement[..Math.Min(statement.Length, LongestBeginning)]);

    // https://www.postgresql.org/docs/current/sql-createindex.html and its like
    [GeneratedRegex(
        @"^(CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY|DROP\s+INDEX\s+CONCURRENTLY|REINDEX\b[^;]*\b(CONCURRENTLY|SCHEMA|DATABASE|SYSTEM)"
            + @"|VACUUM|(CREATE|DROP)\s+(DATABASE|TABLESPACE|SUBSCRIPTION)|ALTER\s+SYSTEM|ALTER\s+TABLE\b[^;]*\bDETACH\b[^;]*\bCONCURRENTLY"
            + @"|DISCARD\s+ALL)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Begins();
}
