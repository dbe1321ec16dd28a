namespace MigrationHost.Engines.Alembic;

/// <summary>A place in env.py where a connection is opened.</summary>
/// <param name="Statement">The statement it is in.</param>
/// <param name="Call">The call that opens it.</param>
/// <param name="Name">The name it is given; null where it has none.</param>
/// <param name="Hold">How long it stays open.</param>
internal sealed record AlembicConnection(PythonStatement Statement, PythonCall Call, string? Name, AlembicConnectionHold Hold)
{
    public int Line => Call.Line;
}
