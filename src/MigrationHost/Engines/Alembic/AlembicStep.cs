using System.Text.RegularExpressions;

namespace MigrationHost.Engines.Alembic;

/// <summary>What Alembic logs before it runs a revision: <c>Running upgrade 2f1c, 5b7e -> 8c04, create orders</c>.</summary>
/// <param name="Revision">The revision that it comes to.</param>
/// <param name="Message">Its message.</param>
internal sealed partial record AlembicStep(string Revision, string Message)
{
    /// <summary>Reads a line of Alembic's log, whatever is before it; null if it is another one.</summary>
    public static AlembicStep? Parse(string line) =>
        Running().Match(line) is { Success: true } match ? new AlembicStep(match.Groups["to"].Value, match.Groups["message"].Value) : null;

    [GeneratedRegex(@"Running upgrade (?<from>[^>]*?)-> (?<to>[^\s,]+)(, (?<message>.*))?$")]
    private static partial Regex Running();
}
