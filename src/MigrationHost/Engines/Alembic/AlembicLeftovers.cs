namespace MigrationHost.Engines.Alembic;

/// <summary>Finds what a revision that did not finish has left in the schema, where the database has no transaction around it.</summary>
internal static class AlembicLeftovers
{
    /// <summary>Batch mode on SQLite copies a table into one of this name.</summary>
    private const string Temporary = "_alembic_tmp_";

    /// <param name="text">The text of the revision's file.</param>
    /// <param name="others">The texts of the files of all revisions that are applied.</param>
    /// <param name="before">What the schema had before the tool started.</param>
    /// <param name="after">What it has now.</param>
    /// <param name="fromEarlierRun">Whether something is in the revision's way that an earlier run has left.</param>
    /// <returns>What is there although the version table does not say so: <c>table orders</c>, <c>column products.stock</c>.</returns>
    public static IReadOnlyList<string> Find(string text, IEnumerable<string> others, IReadOnlyCollection<string> before, IReadOnlyCollection<string> after, bool fromEarlierRun)
    {
        var named = Words(text);
        var explained = others.Select(Words).ToList();
        var found = after.Where(name =>
            NameOf(name).StartsWith(Temporary, StringComparison.Ordinal)
            || (!before.Contains(name) || fromEarlierRun && IsNamedIn(named, name)) && !explained.Exists(words => IsNamedIn(words, name))).ToList();

        // A new table says enough: its columns and indexes would only repeat it.
        var tables = found.Where(name => name.StartsWith("table ", StringComparison.Ordinal)).Select(NameOf).ToHashSet(StringComparer.Ordinal);
        return [.. found.Where(name => !IsColumn(name) || !tables.Contains(TableOf(name))).Order(StringComparer.Ordinal)];
    }

    private static bool IsNamedIn(HashSet<string> words, string name) => words.Contains(NameOf(name)) && (!IsColumn(name) || words.Contains(TableOf(name)));

    private static bool IsColumn(string name) => name.StartsWith("column ", StringComparison.Ordinal);

    private static string NameOf(string name) => name[(name.LastIndexOfAny([' ', '.']) + 1)..];

    private static string TableOf(string name) => name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('.')[0];

    // Whole strings, and the words of SQL in longer ones; a docstring is prose.
    private static HashSet<string> Words(string text) =>
    [
        .. PythonText.Read(text).Where(line => line.Tokens.Count > 1).SelectMany(line => line.Tokens)
            .Where(token => token.Kind is PythonTokenKind.String or PythonTokenKind.FormattedString)
            .SelectMany(token => token.Text.Split([' ', '\n', '\t', '(', ')', ',', ';', '"', '\'', '`', '.'], StringSplitOptions.RemoveEmptyEntries).Append(token.Text)),
    ];
}
