namespace MigrationHost;

/// <summary>An Alembic project.</summary>
public sealed class AlembicOptions
{
    /// <summary>The folder Alembic runs in, relative to the content root. Default: the content root.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>The ini file or pyproject.toml, relative to <see cref="WorkingDirectory"/>. Default: <c>alembic.ini</c>.</summary>
    public string Config { get; set; } = "alembic.ini";

    /// <summary>The program: a name that is looked up on the PATH, or a path relative to the content root. Default:
    /// <c>alembic</c>.</summary>
    public string Executable { get; set; } = "alembic";

    /// <summary>The Python that runs alembic: a name that is looked up on the PATH, or a path relative to the content root. Default:
    /// the one in the first line of <see cref="Executable"/>.</summary>
    public string? Python { get; set; }

    /// <summary>The table that keeps the revisions. Default: what env.py gives <c>context.configure</c> as a literal, else
    /// <c>alembic_version</c>.</summary>
    public string? VersionTable { get; set; }

    /// <summary>The schema of the version table. Default: what env.py gives <c>context.configure</c> as a literal, else the
    /// connection's own.</summary>
    public string? VersionTableSchema { get; set; }

    /// <summary>Where the database is to be: <c>head</c>, <c>heads</c>, a revision, or a branch's <c>label@head</c>. Default:
    /// <c>head</c>.</summary>
    public string Target { get; set; } = "head";

    /// <summary>Environment variables on top of the service's own.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
