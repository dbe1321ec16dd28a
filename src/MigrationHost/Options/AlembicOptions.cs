namespace MigrationHost;

/// <summary>An Alembic project.</summary>
public sealed class AlembicOptions
{
    /// <summary>The folder Alembic runs in, relative to the content root. Default: the content root.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>The ini file, relative to <see cref="WorkingDirectory"/>. Default: <c>alembic.ini</c>.</summary>
    public string Config { get; set; } = "alembic.ini";

    /// <summary>The program: a name that is looked up on the PATH, or a path relative to the content root. Default: <c>alembic</c>.</summary>
    public string Executable { get; set; } = "alembic";

    /// <summary>Where the database is to be: <c>head</c>, <c>heads</c>, a revision, or a branch's <c>label@head</c>. Default: <c>head</c>.</summary>
    public string Target { get; set; } = "head";

    /// <summary>Environment variables on top of the service's own.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
