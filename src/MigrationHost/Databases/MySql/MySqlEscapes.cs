using System.Globalization;
using System.Text.RegularExpressions;

namespace MigrationHost.Databases.MySql;

/// <summary>Whether a backslash escapes in strings: a script may change that with sql_mode, and cutting depends on it.</summary>
internal static partial class MySqlEscapes
{
    private const string NoEscapes = "NO_BACKSLASH_ESCAPES";

    /// <summary>The bit of <see cref="NoEscapes"/> in a sql_mode that is a number.</summary>
    /// <remarks><see href="https://mariadb.com/kb/en/library-sql_mode/"/></remarks>
    private const ulong NoEscapesBit = 1 << 20;

    /// <summary>Whether it does behind the last one of some statements.</summary>
    /// <param name="statements">The statements of a script up to it.</param>
    /// <param name="atFirst">Whether it does as the server has it.</param>
    public static bool Behind(List<MySqlStatement> statements, bool atFirst)
    {
        var statement = statements[^1];
        if (!statement.Begins("SET") || SqlMode().Match(statement.Code) is not { Success: true } mode)
            return statement.HasBackslashEscapes;
        return mode.Groups["variable"] is { Success: true, Value: var name } ? OfVariable(statements, name, atFirst)
            : mode.Groups["number"].Success
                ? ulong.TryParse(mode.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
                    && (bits & NoEscapesBit) == 0
            : OfText(statement, statement.Code, mode.Groups["literal"].Success, mode.Groups["combined"].Success, atFirst);
    }

    private static bool OfVariable(List<MySqlStatement> statements, string name, bool atFirst)
    {
        var assignment = new Regex($@"{Regex.Escape(name)}\s*:?=\s*(?<saved>@@[\s.\w]*sql_mode\s*(,|;|$))?",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        foreach (var statement in Enumerable.Reverse(statements).Where(statement => statement.Begins("SET")))
        {
            if (assignment.Match(statement.Code) is { Success: true } found)
            {
                return found.Groups["saved"].Success ? statement.HasBackslashEscapes
                    : OfText(statement, statement.Code[found.Index..], isLiteral: true, isCombined: false, atFirst);
            }
        }
        return atFirst;
    }

    private static bool OfText(MySqlStatement statement, string code, bool isLiteral, bool isCombined, bool atFirst) =>
        code.Contains(NoEscapes, StringComparison.OrdinalIgnoreCase) ? code.Contains("REPLACE", StringComparison.OrdinalIgnoreCase)
        : isLiteral || (isCombined ? statement.HasBackslashEscapes : atFirst);

    [GeneratedRegex(
        """
        (?<!GLOBAL\s*[.\s]\s*|(^|[^@])@)\bsql_mode\s*:?=\s*
        ((?<combined>CONCAT)|(?<variable>@\w+)|(?<number>\d+)|(?!DEFAULT\b|REPLACE\b)(?<literal>['"a-z]))?
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex SqlMode();
}
