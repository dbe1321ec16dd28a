namespace MigrationHost.Engines.Alembic;

/// <summary>A place in env.py, with what to say of it.</summary>
internal sealed record AlembicEnvLine
{
    /// <summary>Counted from 1; null for a name that is known.</summary>
    public int? Line { get; init; }

    /// <summary>The name that it is about.</summary>
    public string? Name { get; init; }

    /// <summary>The call that opens a connection, such as <c>engine.connect</c>.</summary>
    public string? Call { get; init; }

    /// <summary>For a second connection the line of the first one.</summary>
    public int? First { get; init; }

    /// <summary>For a timeout.</summary>
    public double Seconds { get; init; }

    /// <summary>Whether <c>context.configure</c> has <c>compare_type</c>.</summary>
    public bool CompareType { get; init; }

    /// <summary>Whether <c>context.configure</c> has <c>render_as_batch</c>.</summary>
    public bool Batch { get; init; }
}
