namespace MigrationHost.Engines.Alembic;

/// <summary>A call in a Python file, such as <c>engine.connect(echo=True)</c>.</summary>
internal sealed record PythonCall
{
    /// <summary>What is called on: <c>engine</c>; empty for a plain function; <c>()</c> for the result of another call.</summary>
    public required string Receiver { get; init; }

    /// <summary>What is called: <c>connect</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where its name is, counted from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The arguments without a name.</summary>
    public required IReadOnlyList<ArraySegment<PythonToken>> Positional { get; init; }

    /// <summary>The arguments with a name.</summary>
    public required IReadOnlyDictionary<string, ArraySegment<PythonToken>> Named { get; init; }

    /// <summary>Whether <c>**something</c> may give more of them.</summary>
    public required bool TakesMore { get; init; }

    /// <summary>The argument that is one plain string, by its name or its place; null where there is none.</summary>
    public string? Text(string name, int place) =>
        (Named.TryGetValue(name, out var named) ? named : place < Positional.Count ? Positional[place] : default) is [{ Kind: PythonTokenKind.String, Text: var text }] ? text : null;

    /// <summary>All calls in a line, the outer ones first.</summary>
    public static IReadOnlyList<PythonCall> In(PythonLine line)
    {
        PythonToken[] tokens = [.. line.Tokens];
        var calls = new List<PythonCall>();
        for (var i = 1; i < tokens.Length; i++)
        {
            if (tokens[i].IsSign('(') && tokens[i - 1].Kind == PythonTokenKind.Name && !(i > 1 && (tokens[i - 2].IsName("def") || tokens[i - 2].IsName("class"))))
                calls.Add(Read(tokens, i));
        }
        return calls;
    }

    private static PythonCall Read(PythonToken[] tokens, int open)
    {
        var named = new Dictionary<string, ArraySegment<PythonToken>>(StringComparer.Ordinal);
        var positional = new List<ArraySegment<PythonToken>>();
        var more = false;
        foreach (var argument in Arguments(tokens, open))
        {
            if (argument is [{ Kind: PythonTokenKind.Sign, Text: "*" }, { Kind: PythonTokenKind.Sign, Text: "*" }, ..])
                more = true;
            else if (argument is [{ Kind: PythonTokenKind.Name, Text: var name }, { Kind: PythonTokenKind.Sign, Text: "=" }, ..])
                named[name] = argument[2..];
            else if (argument.Count > 0)
                positional.Add(argument);
        }
        return new PythonCall
        {
            Receiver = ReceiverOf(tokens, open - 1),
            Name = tokens[open - 1].Text,
            Line = tokens[open - 1].Line,
            Positional = positional,
            Named = named,
            TakesMore = more,
        };
    }

    private static IEnumerable<ArraySegment<PythonToken>> Arguments(PythonToken[] tokens, int open)
    {
        var (depth, began) = (1, open + 1);
        for (var i = open + 1; i < tokens.Length; i++)
        {
            depth += PythonValue.Depth(tokens[i]);
            if (depth > 1 || depth == 1 && !tokens[i].IsSign(','))
                continue;
            yield return new ArraySegment<PythonToken>(tokens, began, i - began);
            began = i + 1;
            if (depth == 0)
                yield break;
        }
    }

    private static string ReceiverOf(PythonToken[] tokens, int name)
    {
        var parts = new List<string>();
        for (var i = name - 1; i > 0 && tokens[i].IsSign('.'); i -= 2)
        {
            if (tokens[i - 1].Kind != PythonTokenKind.Name)
            {
                parts.Add("()");
                break;
            }
            parts.Add(tokens[i - 1].Text);
        }
        parts.Reverse();
        return string.Join('.', parts);
    }
}
