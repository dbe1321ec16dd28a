namespace MigrationHost.Engines.Alembic;

/// <summary>What can be told of env.py without running it.</summary>
internal sealed class AlembicEnvFile
{
    private const string BeginTransaction = "begin_transaction";

    private readonly IReadOnlyList<PythonStatement> _statements;
    private readonly IReadOnlyList<(PythonStatement Statement, PythonCall Call)> _calls;

    private AlembicEnvFile(string file, IReadOnlyList<PythonStatement> statements)
    {
        File = file;
        _statements = statements;
        _calls = [.. statements.SelectMany(statement => statement.Calls, (statement, call) => (statement, call))];
        Connections = new AlembicConnections(statements);
        Address = new AlembicEnvAddress(statements);
    }

    /// <summary>The path as it is to be shown.</summary>
    public string File { get; }

    public AlembicConnections Connections { get; }

    public AlembicEnvAddress Address { get; }

    /// <summary>Whether it drives an asynchronous engine.</summary>
    public bool IsAsync => Calls("run_sync").Any();

    /// <summary>Whether its engines begin a transaction by themselves even in SQLAlchemy 1.4.</summary>
    public bool IsFuture => IsAsync || _calls.Any(call => call.Call.Named.ContainsKey("future"));

    /// <summary>Calls of <c>fileConfig</c> that switch off the loggers which exist already.</summary>
    public IEnumerable<PythonCall> SilencesLoggers => Calls("fileConfig").Where(call =>
        !call.TakesMore && call.Positional.Count < 3
        && !(call.Named.TryGetValue("disable_existing_loggers", out var keep) && keep is [{ Text: not "True" }]));

    /// <summary>Calls of <c>fileConfig</c>.</summary>
    public bool ConfiguresLogging => Calls("fileConfig").Any() || Calls("dictConfig").Any();

    /// <summary>Calls of <c>context.configure</c> for a run on a database, not for printing SQL.</summary>
    public IEnumerable<PythonCall> Configures => Calls("configure").Where(call =>
        call.Receiver is "context" or "alembic.context" && !call.Named.ContainsKey("url") && !call.Named.ContainsKey("literal_binds"));

    /// <summary>Where an engine is made with a pool that keeps connections open.</summary>
    public IEnumerable<PythonCall> Pools => _calls.Select(call => call.Call)
        .Where(call => call.Name is "engine_from_config" or "create_engine" or "async_engine_from_config" or "create_async_engine" && !call.TakesMore
            && !(call.Named.TryGetValue("poolclass", out var pool) && pool is [.., { Text: "NullPool" }]));

    /// <summary>The line of <c>target_metadata = None</c>; null where there are models.</summary>
    public int? NoMetadataLine => _statements.FirstOrDefault(statement => statement.AssignsTo == "target_metadata" && _statements.Last(other => other.AssignsTo == "target_metadata") == statement
        && PythonValue.AssignedTo(statement.Line, "target_metadata") is [{ Text: "None", Kind: PythonTokenKind.Name }])?.Line.Line;

    /// <summary>Calls of <c>run_migrations</c> that no transaction of Alembic's or of the engine's encloses, and that nobody commits by hand afterwards.</summary>
    public IEnumerable<PythonCall> WithoutTransaction =>
        from run in _calls
        where run.Call is { Name: "run_migrations", Receiver: "context" or "alembic.context" }
        where !IsCommitted(run.Statement)
        where run.Statement.Function?.Defines is not { } function || !_statements.Any(caller => caller.Defines is null && caller.Mentions(function) && IsCommitted(caller))
        select run.Call;

    /// <summary>Whether Alembic's own transaction is the only one around the revisions, so that on a database without transactional DDL each is committed before the next begins.</summary>
    public bool CommitsEachByItself
    {
        get
        {
            var runs = _calls.Where(call => call.Call is { Name: "run_migrations", Receiver: "context" or "alembic.context" }).ToList();
            return runs.Count > 0 && !BeginsUncommitted.Any() && runs.TrueForAll(run => run.Statement.Parents.Any(BeginsAlembics) && !IsInAnother(run.Statement)
                && !(run.Statement.Function?.Defines is { } function && _statements.Any(caller => caller.Defines is null && caller.Mentions(function) && IsInAnother(caller))));
        }
    }

    /// <summary>Statements sent before Alembic's transaction begins, in a file that never commits: they begin one that nobody ends.</summary>
    public IEnumerable<PythonCall> BeginsUncommitted
    {
        get
        {
            if (Calls("commit").Any())
                return [];
            return from sent in _calls
                   where sent.Call.Name is "execute" or "exec_driver_sql" or "scalar" or "scalars" && !sent.Statement.Parents.Any(BeginsTransaction)
                   where Connections.All.All(connection => connection.Call != sent.Call)
                   where _calls.Any(later => later.Call.Name is BeginTransaction or "run_sync" && later.Statement.Function == sent.Statement.Function && later.Call.Line > sent.Call.Line)
                   select sent.Call;
        }
    }

    /// <summary>The name that <c>context.configure</c> gives the version table; null for <c>alembic_version</c>.</summary>
    public string? VersionTable => Configures.Select(call => call.Text("version_table", int.MaxValue)).FirstOrDefault(name => name is not null);

    /// <summary>The schema that <c>context.configure</c> puts the version table into; null for the connection's own.</summary>
    public string? VersionTableSchema => Configures.Select(call => call.Text("version_table_schema", int.MaxValue)).FirstOrDefault(name => name is not null);

    /// <summary>How long the driver waits for a lock by a <c>timeout</c> in <c>connect_args</c>; null where none is given.</summary>
    public (double Seconds, int Line)? DriverTimeout
    {
        get
        {
            foreach (var token in _calls.Where(call => call.Call.Named.ContainsKey("connect_args")).SelectMany(call => Timeouts(call.Call.Named["connect_args"])))
                return token;
            return null;
        }
    }

    public static AlembicEnvFile Read(string file, string text) => new(file, PythonStatement.Read(text));

    private static IEnumerable<(double, int)> Timeouts(ArraySegment<PythonToken> tokens)
    {
        for (var i = 0; i + 2 < tokens.Count; i++)
        {
            if (tokens[i] is { Text: "timeout", Kind: PythonTokenKind.String or PythonTokenKind.Name }
                && tokens[i + 2].Kind == PythonTokenKind.Number
                && double.TryParse(tokens[i + 2].Text.Replace("_", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture, out var seconds))
                yield return (seconds, tokens[i].Line);
        }
    }

    private IEnumerable<PythonCall> Calls(string name) => _calls.Select(call => call.Call).Where(call => call.Name == name);

    private bool IsCommitted(PythonStatement statement) => statement.Parents.Any(BeginsTransaction)
        || _calls.Any(later => later.Call.Name == "commit" && later.Statement.Function == statement.Function && later.Call.Line > statement.Line.Line);

    private static bool BeginsAlembics(PythonStatement header) => header.IsWith && header.Calls.Any(call => call.Name == BeginTransaction);

    private static bool IsInAnother(PythonStatement statement) => statement.Parents.Any(header => header.IsWith && header.Calls.Any(call => call.Name == "begin"));

    private static bool BeginsTransaction(PythonStatement header) => header.IsWith && header.Calls.Any(call => call.Name is BeginTransaction or "begin");
}
