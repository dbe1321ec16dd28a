namespace MigrationHost.Engines.Alembic;

/// <summary>Finds the connections that env.py opens, which of them it never closes, and which it opens while another is open.</summary>
internal sealed class AlembicConnections
{
    private static readonly string[] EngineMakers = ["create_engine", "engine_from_config", "create_async_engine", "async_engine_from_config", "AsyncEngine"];
    private static readonly string[] ForOneCall = ["create_all", "drop_all", "reflect", "inspect", "has_table"];
    private static readonly string[] OnEngine = ["begin", "execute", "scalar", "raw_connection"];
    private static readonly string[] Sessions = ["Session", "AsyncSession", "SessionLocal"];

    private readonly IReadOnlyList<PythonStatement> _statements;
    private readonly HashSet<string> _engines;
    private readonly HashSet<string> _connections;

    public AlembicConnections(IReadOnlyList<PythonStatement> statements)
    {
        _statements = statements;
        _engines = Names(call => EngineMakers.Contains(call.Name, StringComparer.Ordinal));
        _connections = Names(call => call.Name == "connect");
        _connections.UnionWith(statements.Where(statement => statement.IsWith).SelectMany(BoundNames));
        All = [.. statements.SelectMany(statement => statement.Calls.Where(call => Opens(statement, call)), Connection)];
    }

    public IReadOnlyList<AlembicConnection> All { get; }

    /// <summary>Connections that have a name and are never closed by it.</summary>
    public IEnumerable<AlembicConnection> NeverClosed => All.Where(connection =>
        connection is { Hold: AlembicConnectionHold.UntilClosed, Name: { } name } && Closings(connection, name).FirstOrDefault() is null);

    /// <summary>Connections that are opened while another one is open, each with that other one.</summary>
    public IEnumerable<(AlembicConnection Second, AlembicConnection First)> WhileAnotherIsOpen()
    {
        foreach (var second in All)
        {
            if (All.FirstOrDefault(first => first != second && IsOpenAt(first, second.Statement, second.Call)) is { } first)
                yield return (second, first);
            else if (second.Statement.Function?.Defines is { } function && CallersOf(function).Select(caller => All.FirstOrDefault(open => IsOpenAt(open, caller, null))).FirstOrDefault(open => open is not null) is { } caller)
                yield return (second, caller);
        }
    }

    private bool IsOpenAt(AlembicConnection first, PythonStatement at, PythonCall? call) => first.Hold switch
    {
        AlembicConnectionHold.Block => at.Parents.Contains(first.Statement) || at == first.Statement && call is not null && at.Calls.ToList().IndexOf(first.Call) < at.Calls.ToList().IndexOf(call),
        AlembicConnectionHold.UntilClosed => at.Function == first.Statement.Function && at.Line.Line > first.Statement.Line.Line
            && !(first.Name is { } name && Closings(first, name).Any(closing => closing.Line.Line < at.Line.Line)),
        _ => false,
    };

    private IEnumerable<PythonStatement> CallersOf(string function) => _statements.Where(statement => statement.Defines is null && statement.Mentions(function));

    private IEnumerable<PythonStatement> Closings(AlembicConnection connection, string name) => _statements.Where(statement =>
        statement.Function == connection.Statement.Function && statement.Line.Line > connection.Statement.Line.Line
        && (statement.Calls.Any(call => call.Name == "close" && call.Receiver == name || call.Name == "closing" && call.Positional is [[{ Text: var closed }], ..] && closed == name)
            || statement.IsWith && statement.Line.Tokens is [.., { Kind: PythonTokenKind.Name, Text: var last }, _] && last == name && statement.Calls.Count == 0));

    private bool Opens(PythonStatement statement, PythonCall call) =>
        call.Name == "connect" ? call.Receiver is not ("" or "event" or "signal")
        : OnEngine.Contains(call.Name, StringComparer.Ordinal) ? IsEngine(call.Receiver)
        : ForOneCall.Contains(call.Name, StringComparer.Ordinal) ? call.Positional.Concat(call.Named.Values).Any(IsEngine)
        : Sessions.Contains(call.Name, StringComparer.Ordinal) && statement.Defines is null && !call.Positional.Concat(call.Named.Values).Any(IsConnection);

    private AlembicConnection Connection(PythonStatement statement, PythonCall call)
    {
        var momentary = ForOneCall.Contains(call.Name, StringComparer.Ordinal) || call.Name is "execute" or "scalar";
        return momentary ? new(statement, call, null, AlembicConnectionHold.Call)
            : statement.IsWith ? new(statement, call, BoundNames(statement).FirstOrDefault(), AlembicConnectionHold.Block)
            : statement.AssignsTo is { } name ? new(statement, call, name, AlembicConnectionHold.UntilClosed)
            : new(statement, call, null, AlembicConnectionHold.Call);
    }

    private bool IsEngine(string receiver) => receiver.Length > 0 && (_engines.Contains(receiver) || receiver.Contains("engine", StringComparison.OrdinalIgnoreCase) || receiver.Contains("connectable", StringComparison.OrdinalIgnoreCase)) && !_connections.Contains(receiver);

    private bool IsEngine(ArraySegment<PythonToken> argument) => argument is [{ Kind: PythonTokenKind.Name, Text: var name }] && IsEngine(name);

    private bool IsConnection(ArraySegment<PythonToken> argument) => argument is [{ Kind: PythonTokenKind.Name, Text: var name }] && (_connections.Contains(name) || name.Contains("conn", StringComparison.OrdinalIgnoreCase) && !IsEngine(name));

    private HashSet<string> Names(Func<PythonCall, bool> from) =>
        [.. _statements.Where(statement => statement.AssignsTo is not null && statement.Calls is [var outer, ..] && from(outer)).Select(statement => statement.AssignsTo!)];

    private static IEnumerable<string> BoundNames(PythonStatement statement)
    {
        for (var i = 0; i + 1 < statement.Line.Tokens.Count; i++)
        {
            if (statement.Line.Tokens[i].IsName("as"))
                yield return statement.Line.Tokens[i + 1].Text;
        }
    }
}
