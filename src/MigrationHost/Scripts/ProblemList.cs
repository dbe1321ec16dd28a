namespace MigrationHost.Scripts;

/// <summary>Many problems in one message: as many as somebody reads, and a count.</summary>
internal static class ProblemList
{
    /// <summary>How many of them a text shows.</summary>
    public const int MostShown = 20;

    /// <param name="lines">Each problem in one line.</param>
    public static string Text(IReadOnlyList<string> lines)
    {
        if (lines.Count == 1)
            return lines[0];
        var more = lines.Count - MostShown;
        var shown = string.Join('\n', lines.Take(MostShown));
        return $"{lines.Count} problems with the migrations:\n{shown}{(more > 0 ? $"\n{More(more)}" : "")}";
    }

    /// <summary>As many problems with the settings as somebody reads, and how many more there are.</summary>
    public static IEnumerable<string> First(IReadOnlyList<string> problems) => problems.Count <= MostShown ? problems
        : [.. problems.Take(MostShown), $"and {problems.Count - MostShown} more problems"];

    public static string More(int count) => $"and {count} more; --json shows all";
}
