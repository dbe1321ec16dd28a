using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>What an EXECUTE runs, as far as the script and its session say.</summary>
internal static class MySqlExecuted
{
    /// <summary>The one statement that a statement runs: itself, or what it has prepared; itself too if that is not known.</summary>
    public static async Task<MySqlStatement> FindAsync(
        MySqlLink work, MySqlScript script, MySqlStatement statement, CancellationToken cancellationToken)
    {
        if (!statement.Begins("EXECUTE") || SourceOf(script, statement, work.Server.HasBackslashEscapes) is not { } source)
            return statement;
        try
        {
            var text = await work.ScalarAsync($"SELECT {source}", cancellationToken).ConfigureAwait(false) as string;
            return MySqlSplitter.Split(text ?? "", work.Server.HasBackslashEscapes, (_, _, _) => { }) is [var one] ? one : statement;
        }
        catch (MySqlException)
        {
            return statement;
        }
    }

    // The expression that it is prepared from; null if that may have another value now, or does something.
    private static string? SourceOf(MySqlScript script, MySqlStatement execute, bool escapes)
    {
        var tokens = MySqlToken.Read(execute.Text, escapes);
        if (tokens.Count > 2 && tokens[1].IsWord("IMMEDIATE"))
            return SourceOf(execute.Text, [.. tokens.Skip(2).TakeWhile(token => !token.IsWord("USING"))], tokens);
        var earlier = script.All.Take(execute.Number - 1).Select(one => (one.Text, Tokens: MySqlToken.Read(one.Text, escapes))).ToList();
        var made = tokens.Count < 2 ? -1 : earlier.FindLastIndex(one =>
            one.Tokens.Count > 3 && one.Tokens[0].IsWord("PREPARE")
            && one.Tokens[1].Text.Equals(tokens[1].Text, StringComparison.OrdinalIgnoreCase));
        if (made < 0)
            return null;
        var from = earlier[made].Tokens[3..];
        var isChanged = earlier.Skip(made + 1).SelectMany(one => one.Tokens).Any(one => one.Kind == MySqlTokenKind.Variable
            && from.Exists(read => read.Text.Equals(one.Text, StringComparison.OrdinalIgnoreCase)));
        return isChanged ? null : SourceOf(earlier[made].Text, from, earlier[made].Tokens);
    }

    private static string? SourceOf(string text, List<MySqlToken> from, List<MySqlToken> all)
    {
        if (from.Count == 0 || !MySqlConstant.Is(from, ofSession: false, _ => true, schemaIsKnown: true))
            return null;
        var behind = all.Find(token => token.At > from[^1].At);
        return text[from[0].At..(behind.Kind == MySqlTokenKind.None ? text.Length : behind.At)];
    }
}
