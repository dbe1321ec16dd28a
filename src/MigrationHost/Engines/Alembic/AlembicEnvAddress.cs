namespace MigrationHost.Engines.Alembic;

/// <summary>How env.py comes to the database's address, as far as can be told without running it.</summary>
internal sealed class AlembicEnvAddress
{
    private const string Key = "sqlalchemy.url";

    private readonly IReadOnlyList<PythonStatement> _statements;
    private readonly HashSet<string> _fromEnvironment;

    public AlembicEnvAddress(IReadOnlyList<PythonStatement> statements)
    {
        _statements = statements;
        _fromEnvironment = [.. statements.Where(statement => statement.AssignsTo is not null)
            .GroupBy(statement => statement.AssignsTo!, StringComparer.Ordinal)
            .Where(assignments => assignments.All(assignment => ReadsEnvironment(assignment) && !HasDefault(assignment)))
            .Select(assignments => assignments.Key)];
        Variables = [.. FindVariables()];
    }

    /// <summary>The environment variables it reads.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Whether it makes its engine itself, of the ini file or of an address; it may get one from the application instead.</summary>
    public bool MakesEngine => HasCall("create_engine", "create_async_engine") || HasCall("engine_from_config", "async_engine_from_config") && HasCall("get_section");

    /// <summary>The line on which the address is set; null where it is not.</summary>
    public int? SetLine => _statements.FirstOrDefault(Sets)?.Line.Line;

    /// <summary>The line on which the address is set even where no environment variable is; null where it is not.</summary>
    public int? SetAnywayLine => _statements.FirstOrDefault(statement => Sets(statement) && !NeedsEnvironment(statement)
        && !statement.Parents.Any(parent => (parent.Line.Tokens[0].IsName("if") || parent.Line.Tokens[0].IsName("elif")) && NeedsEnvironment(parent)))?.Line.Line;

    private static bool Sets(PythonStatement statement) =>
        statement.Calls.Any(call => call.Name switch
        {
            "set_main_option" => call.Text("name", 0) == Key,
            "set_section_option" => call.Text("name", 1) == Key,
            "engine_from_config" or "async_engine_from_config" => call.Named.ContainsKey("url"),
            "create_engine" or "create_async_engine" => true,
            _ => false,
        })
        || SetsEntry(statement.Line.Tokens);

    // options["sqlalchemy.url"] = …, {"sqlalchemy.url": …}
    private static bool SetsEntry(IReadOnlyList<PythonToken> tokens)
    {
        for (var i = 1; i + 2 < tokens.Count; i++)
        {
            if (tokens[i] is { Kind: PythonTokenKind.String, Text: Key or "url" }
                && (tokens[i + 1].IsSign(':') || tokens[i + 1].IsSign(']') && tokens[i + 2].IsSign('=') && !(i + 3 < tokens.Count && tokens[i + 3].IsSign('='))))
                return true;
        }
        return false;
    }

    private bool NeedsEnvironment(PythonStatement statement) => !HasDefault(statement) && (ReadsEnvironment(statement) || _fromEnvironment.Any(statement.Mentions));

    private static bool ReadsEnvironment(PythonStatement statement) => statement.Mentions("environ") || statement.Mentions("getenv");

    private static bool HasDefault(PythonStatement statement) => statement.Mentions("or") || statement.Mentions("else")
        || statement.Calls.Any(call => ReadsVariable(call) && call.Positional.Count + call.Named.Count > 1);

    private static bool ReadsVariable(PythonCall call) => call.Name == "getenv" || call.Name is "get" or "pop" && call.Receiver.EndsWith("environ", StringComparison.Ordinal);

    private bool HasCall(params string[] names) => _statements.Any(statement => statement.Calls.Any(call => names.Contains(call.Name, StringComparer.Ordinal)));

    // os.environ["X"], os.environ.get("X"), os.getenv("X")
    private IEnumerable<string> FindVariables()
    {
        foreach (var call in _statements.SelectMany(statement => statement.Calls))
        {
            if (ReadsVariable(call) && call.Text("key", 0) is { } name)
                yield return name;
        }
        foreach (var tokens in _statements.Select(statement => statement.Line.Tokens))
        {
            for (var i = 0; i + 2 < tokens.Count; i++)
            {
                if (tokens[i].IsName("environ") && tokens[i + 1].IsSign('[') && tokens[i + 2].Kind == PythonTokenKind.String)
                    yield return tokens[i + 2].Text;
            }
        }
    }
}
