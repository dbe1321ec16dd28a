namespace MigrationHost.Databases.MySql;

/// <summary>One variable that a statement sets.</summary>
/// <param name="Name"><c>@name</c>, or <c>@@name</c> for one of the session's own.</param>
/// <param name="From">The expression that it is set to; null if that is data.</param>
internal sealed record MySqlAssignment(string Name, IReadOnlyList<MySqlToken>? From)
{
    private static readonly string[] OfServer = ["GLOBAL", "PERSIST", "PERSIST_ONLY"];

    public bool IsOfSession => Name.StartsWith("@@", StringComparison.Ordinal);

    /// <summary>The name of a session's variable, whatever stands before it.</summary>
    public static string NameOf(string system) => $"@@{system[(system.LastIndexOfAny(['.', '@']) + 1)..].ToLowerInvariant()}";

    /// <summary>What a SET sets. SET NAMES and its like, and what it sets for the whole server, are not among it.</summary>
    public static List<MySqlAssignment> OfSet(IReadOnlyList<MySqlToken> set)
    {
        var (found, depth, from) = (new List<MySqlAssignment>(), 0, 1);
        for (var i = 1; i <= set.Count; i++)
        {
            if (i < set.Count)
                depth += set[i].IsSign("(") ? 1 : set[i].IsSign(")") ? -1 : 0;
            if (i < set.Count && (depth > 0 || !set[i].IsSign(",")))
                continue;
            if (Read([.. set.Skip(from).Take(i - from)]) is { } one)
                found.Add(one);
            from = i + 1;
        }
        return found;
    }

    /// <summary>The user variables that any other statement sets: <c>@a := 1</c>, <c>INTO @a, @b</c>.</summary>
    public static List<(MySqlAssignment What, int At)> Within(IReadOnlyList<MySqlToken> statement)
    {
        var (found, isInto) = (new List<(MySqlAssignment, int)>(), false);
        for (var i = 0; i < statement.Count; i++)
        {
            var isVariable = statement[i].Kind == MySqlTokenKind.Variable;
            if (isVariable && (isInto || i + 1 < statement.Count && statement[i + 1].IsSign(":=")))
                found.Add((new MySqlAssignment(statement[i].Text, null), i));
            isInto = statement[i].IsWord("INTO") || isInto && (isVariable || statement[i].IsSign(","));
        }
        return found;
    }

    private static MySqlAssignment? Read(MySqlToken[] one)
    {
        var sign = Array.FindIndex(one, token => token.IsSign("=") || token.IsSign(":="));
        if (sign < 1)
            return null;
        var (target, scope) = (one[sign - 1], sign > 1 ? one[sign - 2] : default);
        if (target.Kind == MySqlTokenKind.Variable)
            return new MySqlAssignment(target.Text, one[(sign + 1)..]);
        var isGlobal = target.Text.StartsWith("@@global.", StringComparison.OrdinalIgnoreCase)
            || Array.Exists(OfServer, scope.IsWord);
        return isGlobal ? null : new MySqlAssignment(NameOf(target.Text), one[(sign + 1)..]);
    }
}
