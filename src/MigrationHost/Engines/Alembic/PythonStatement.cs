namespace MigrationHost.Engines.Alembic;

/// <summary>A logical line with its calls and the blocks it is in.</summary>
internal sealed class PythonStatement
{
    private PythonStatement(PythonLine line, PythonStatement? parent)
    {
        Line = line;
        Parent = parent;
        Calls = PythonCall.In(line);
    }

    public PythonLine Line { get; }

    public IReadOnlyList<PythonCall> Calls { get; }

    /// <summary>The header of the block it is in; null at the top of the file.</summary>
    public PythonStatement? Parent { get; }

    /// <summary>The headers of all blocks it is in, the innermost first.</summary>
    public IEnumerable<PythonStatement> Parents
    {
        get
        {
            for (var parent = Parent; parent is not null; parent = parent.Parent)
                yield return parent;
        }
    }

    public bool IsWith => Begins("with");

    /// <summary>The name of the function that begins here; null where none does.</summary>
    public string? Defines => Begins("def") && Line.Tokens.SkipWhile(token => !token.IsName("def")).Skip(1).FirstOrDefault() is { Kind: PythonTokenKind.Name, Text: { } name } ? name : null;

    /// <summary>The function it is in; null at the top of the file.</summary>
    public PythonStatement? Function => Parents.FirstOrDefault(parent => parent.Defines is not null);

    /// <summary>The name that a plain assignment gives its value to; null where it is none.</summary>
    public string? AssignsTo => Line.Tokens is [{ Kind: PythonTokenKind.Name, Text: var name }, { Kind: PythonTokenKind.Sign, Text: "=" or ":" }, ..] && PythonValue.AssignedTo(Line, name) is not null ? name : null;

    public static IReadOnlyList<PythonStatement> Read(string text)
    {
        var statements = new List<PythonStatement>();
        var open = new Stack<PythonStatement>();
        foreach (var line in PythonText.Read(text))
        {
            while (open.TryPeek(out var block) && block.Line.Indent >= line.Indent)
                open.Pop();
            var statement = new PythonStatement(line, open.TryPeek(out var parent) ? parent : null);
            statements.Add(statement);
            if (line.Tokens[^1].IsSign(':'))
                open.Push(statement);
        }
        return statements;
    }

    public bool Mentions(string name) => Line.Tokens.Any(token => token.IsName(name));

    private bool Begins(string keyword) => Line.Tokens[0].IsName(keyword) || Line.Tokens is [{ Text: "async" }, var second, ..] && second.IsName(keyword);
}
