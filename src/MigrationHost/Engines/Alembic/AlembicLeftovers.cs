using System.Text.RegularExpressions;

namespace MigrationHost.Engines.Alembic;

/// <summary>Finds what a revision that did not finish has left in the schema, if the database has no transaction around it.</summary>
internal static partial class AlembicLeftovers
{
    /// <summary>Batch mode on SQLite copies a table into one of this name.</summary>
    private const string Temporary = "_alembic_tmp_";

    /// <param name="text">The text of the revision's file.</param>
    /// <param name="others">The texts of the files of all revisions that are applied.</param>
    /// <param name="before">What the schema had before the tool started.</param>
    /// <param name="after">What it has now.</param>
    /// <param name="fromEarlierRun">Whether something is in the revision's way that an earlier run has left.</param>
    /// <returns>What is there although the version table does not say so: <c>table orders</c>, <c>column products.stock</c>.</returns>
    public static IReadOnlyList<string> Find(string text, IEnumerable<string> others, IReadOnlyCollection<string> before,
        IReadOnlyCollection<string> after, bool fromEarlierRun)
    {
        var named = Words(text);
        var explained = others.Select(Words).ToList();
        var found = after.Where(name =>
            NameOf(name).StartsWith(Temporary, StringComparison.Ordinal)
            || (!before.Contains(name) || fromEarlierRun && IsNamedIn(named, name)) && !explained.Exists(words => IsNamedIn(words, name)))
                .ToList();

        // A new table says enough: its columns and indexes would only repeat it.
        var tables = found.Where(name => name.StartsWith("table ", StringComparison.Ordinal))
            .Select(NameOf).ToHashSet(StringComparer.Ordinal);
        return [.. found.Where(name => !IsColumn(name) || !tables.Contains(TableOf(name))).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// What a revision would create although it is there already: an earlier run of it was
    /// ended in the middle, or somebody made it by hand.
    /// </summary>
    /// <param name="text">The text of the revision's file.</param>
    /// <param name="schema">What the schema has.</param>
    public static IReadOnlyList<string> InTheWay(string text, IReadOnlyCollection<string> schema)
    {
        var upgrade = Upgrade().Match(text).Value;
        // One that looks, drops or renames first knows how to continue.
        if (Looks().IsMatch(upgrade))
            return [];
        var creates = Creates().Matches(upgrade).Select(match =>
            match.Groups["column"].Success ? $"column {match.Groups["table"]}.{match.Groups["column"]}"
            : $"{match.Groups["kind"].Value.ToLowerInvariant()} {match.Groups["name"]}");
        return [.. schema.Where(name => NameOf(name).StartsWith(Temporary, StringComparison.Ordinal) && !IsColumn(name))
            .Concat(creates.Where(schema.Contains)).Distinct()];
    }

    private static bool IsNamedIn(HashSet<string> words, string name) =>
        words.Contains(NameOf(name)) && (!IsColumn(name) || words.Contains(TableOf(name)));

    private static bool IsColumn(string name) => name.StartsWith("column ", StringComparison.Ordinal);

    private static string NameOf(string name) => name[(name.LastIndexOfAny([' ', '.']) + 1)..];

    private static string TableOf(string name) => name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('.')[0];

    // Whole strings, and the words of SQL in longer ones; a docstring is prose.
    private static HashSet<string> Words(string text) =>
    [
        .. Strings().Matches(text).Where(match => !match.Groups["prose"].Success).Select(match => match.Groups["text"].Value)
            .SelectMany(part =>
                part.Split([' ', '\n', '\t', '(', ')', ',', ';', '"', '\'', '`', '.'], StringSplitOptions.RemoveEmptyEntries).Append(part)),
    ];

    // A docstring is the first thing in its file or function.
    [GeneratedRegex("""
        (?<prose>(\A|:[ \t]*\n)\s*)?
        ("{3}(?<text>.*?)"{3}|'{3}(?<text>.*?)'{3}|"(?<text>(\\.|[^"\\\n])*)"|'(?<text>(\\.|[^'\\\n])*)')
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Strings();

    [GeneratedRegex(@"^def upgrade\b.*?(?=^def |\z)", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Upgrade();

    [GeneratedRegex("drop|rename|exists|inspect|has_table|get_table_names", RegexOptions.IgnoreCase)]
    private static partial Regex Looks();

    [GeneratedRegex("""
        create_(?<kind>table|index)\(\s*(op\.f\(\s*)?["'](?<name>\w+)
        |add_column\(\s*["'](?<table>\w+)["'],\s*(\w+\.)?Column\(\s*["'](?<column>\w+)
        |(?i:create\s+(unique\s+)?(?<kind>table|index|view|trigger)\s+(?<name>\w+))
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Creates();
}
