using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Databases;

namespace MigrationHost.Engines;

/// <summary>
/// Temporary tables that ended with their session. In a script that is resumed their names mean nothing any more; or, silently, the tables
/// of the same names that they had hidden.
/// </summary>
internal static partial class LostTables
{
    private const RegexOptions Ignoring = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    /// <summary>The first statement that names one, that table, and the number of the statement that had made it; null if there is
    /// none.</summary>
    /// <param name="done">The statements that are done, and not run again.</param>
    /// <param name="left">Those that are left.</param>
    public static (IScriptStatement Reader, string Name, int MadeBy)? Find(
        IEnumerable<IScriptStatement> done, IEnumerable<IScriptStatement> left)
    {
        var lost = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var statement in done)
        {
            var text = Text(statement);
            foreach (var name in Names(Dropped(), text))
                lost.Remove(name);
            foreach (var name in Names(Made(), text))
                lost[name] = statement.Number;
        }
        foreach (var statement in left.TakeWhile(_ => lost.Count > 0))
        {
            var text = Text(statement);
            foreach (var name in Names(Made(), text))
                lost.Remove(name);
            if (DroppedIfTemporary().IsMatch(text))
                continue;
            if (lost.Keys.FirstOrDefault(name => Regex.IsMatch(text, $@"(?<![\w$]){Regex.Escape(name)}(?![\w$])", Ignoring)) is { } named)
                return (statement, named, lost[named]);
        }
        return null;
    }

    private static string Text(IScriptStatement statement) => Encoding.UTF8.GetString(statement.Utf8.Span);

    private static IEnumerable<string> Names(Regex pattern, string text) =>
        pattern.Matches(text).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(
        @"\bCREATE\s+(OR\s+REPLACE\s+)?((GLOBAL|LOCAL)\s+)?TEMP(ORARY)?\s+(RECURSIVE\s+)?(TABLE|VIEW|SEQUENCE)\s+(IF\s+NOT\s+EXISTS\s+)?"
            + @"([\w$""`\[\]]+\s*\.\s*)?[""`\[]?(?<name>[\w$]+)"
            + @"|\bINTO\s+TEMP(ORARY)?\s+(TABLE\s+)?[""`]?(?<name>[\w$]+)"
            + @"|\bCREATE\s+(TABLE|VIEW)\s+(IF\s+NOT\s+EXISTS\s+)?(pg_temp|temp)\s*\.\s*[""`\[]?(?<name>[\w$]+)",
        Ignoring | RegexOptions.ExplicitCapture)]
    private static partial Regex Made();

    [GeneratedRegex(
        @"\bDROP\s+(TEMPORARY\s+)?(TABLE|VIEW|SEQUENCE)\s+(IF\s+EXISTS\s+)?([\w$""`\[\]]+\s*\.\s*)?[""`\[]?(?<name>[\w$]+)",
        Ignoring | RegexOptions.ExplicitCapture)]
    private static partial Regex Dropped();

    [GeneratedRegex(@"^\s*DROP\s+TEMPORARY\b", Ignoring)]
    private static partial Regex DroppedIfTemporary();
}
