namespace MigrationHost.Engines.Alembic;

/// <summary>Reads literal values out of a logical line.</summary>
internal static class PythonValue
{
    /// <summary>What a line assigns to a name, with or without an annotation; null where it does not assign to it.</summary>
    public static ArraySegment<PythonToken>? AssignedTo(PythonLine line, string name)
    {
        var tokens = line.Tokens;
        if (!tokens[0].IsName(name) || tokens.Count < 3 || !(tokens[1].IsSign('=') || tokens[1].IsSign(':')))
            return null;
        var depth = 0;
        for (var i = 1; i < tokens.Count; i++)
        {
            depth += Depth(tokens[i]);
            if (depth != 0 || !tokens[i].IsSign('='))
                continue;
            if (i + 1 < tokens.Count && tokens[i + 1].IsSign('='))
                return null;
            return new ArraySegment<PythonToken>([.. tokens.Skip(i + 1)]);
        }
        return null;
    }

    /// <summary>The strings of a literal: none for <c>None</c>, one for a string, several for a tuple, list or set. Null where it is no literal.</summary>
    public static IReadOnlyList<string>? Strings(ArraySegment<PythonToken> tokens)
    {
        var values = new List<string>();
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Kind == PythonTokenKind.String && i > 0 && tokens[i - 1].Kind == PythonTokenKind.String)
                values[^1] += token.Text;
            else if (token.Kind == PythonTokenKind.String)
                values.Add(token.Text);
            else if (!token.IsName("None") && !(token.Kind == PythonTokenKind.Sign && "()[]{},".Contains(token.Text[0], StringComparison.Ordinal)))
                return null;
        }
        return values;
    }

    /// <summary>+1 for an opening bracket, -1 for a closing one.</summary>
    public static int Depth(PythonToken token) =>
        token.Kind != PythonTokenKind.Sign ? 0 : token.Text[0] is '(' or '[' or '{' ? 1 : token.Text[0] is ')' or ']' or '}' ? -1 : 0;
}
