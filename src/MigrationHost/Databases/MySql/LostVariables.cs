using System.Text.RegularExpressions;

namespace MigrationHost.Databases.MySql;

/// <summary>User variables that ended with their session, so that a script that is resumed would read something else, silently.</summary>
internal static partial class LostVariables
{
    /// <summary>
    /// The first statement that reads a variable which saying SET again does not bring back, that variable, and the number of the
    /// statement that had set it; null if there is none.
    /// </summary>
    /// <param name="done">The statements that are done, and not run again but for SET, USE and PREPARE.</param>
    /// <param name="left">Those that are left.</param>
    public static (MySqlStatement Reader, string Name, int SetBy)? Find(
        IEnumerable<MySqlStatement> done, IEnumerable<MySqlStatement> left)
    {
        var lost = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var statement in done)
        {
            foreach (var name in Names(Assigned(), statement))
                lost.Remove(name);
            foreach (var name in LostWith(statement))
                lost[name] = statement.Number;
        }
        foreach (var statement in left.TakeWhile(_ => lost.Count > 0))
        {
            var assigned = statement.Begins("SET") ? Names(Assigned(), statement) : [];
            if (Names(Variable(), statement).Except(assigned).FirstOrDefault(lost.ContainsKey) is { } name)
                return (statement, name, lost[name]);
            assigned.ForEach(one => lost.Remove(one));
        }
        return null;
    }

    // SET of an expression of its own is said again. What it read from tables or from its session is another now.
    private static List<string> LostWith(MySqlStatement statement) =>
        statement.Begins("CALL") ? Names(Variable(), statement)
        : !statement.Begins("SET") || OfItsMoment().IsMatch(statement.Text) ? Names(Assigned(), statement)
        : [];

    private static List<string> Names(Regex pattern, MySqlStatement statement) =>
        statement.Text.Contains('@', StringComparison.Ordinal)
            ? [.. pattern.Matches(statement.Text).SelectMany(match => match.Groups["name"].Captures).Select(capture => capture.Value)]
            : [];

    [GeneratedRegex(@"(?<![@\w])(?<name>@[\w$.]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();

    [GeneratedRegex(
        @"(?<![@\w])(?<name>@[\w$.]+)\s*:=|\bSET\s+(?<name>@[\w$.]+)\s*=|,\s*(?<name>@[\w$.]+)\s*="
            + @"|\bINTO\s+(?<name>@[\w$.]+)(\s*,\s*(?<name>@[\w$.]+))*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assigned();

    [GeneratedRegex(
        @"\b(SELECT|LAST_INSERT_ID|ROW_COUNT|FOUND_ROWS|IDENTITY|UUID|UUID_SHORT|RAND|NEXTVAL|NEXT\s+VALUE)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfItsMoment();
}
