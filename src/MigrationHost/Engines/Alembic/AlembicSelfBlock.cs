namespace MigrationHost.Engines.Alembic;

/// <summary>Finds where a project opens the connection that blocks its own migration.</summary>
/// <param name="File">The file, as it is to be shown.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record AlembicSelfBlock(string File, int? Line, string Remedy)
{
    /// <param name="project">The project.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="pending">The revisions that run.</param>
    public static AlembicSelfBlock Find(AlembicProject project, AlembicPlace place, IEnumerable<AlembicRevision> pending)
    {
        if (project.Env?.Connections.WhileAnotherIsOpen().FirstOrDefault() is ({ } second, { } first))
            return new(project.EnvFile, second.Line, $"{project.EnvFile}:{second.Line} opens a second connection while that of line {first.Line} is open: use the first one for both, or close it before");
        foreach (var revision in pending)
        {
            if (Open(place.Full(revision.File)) is { } line)
                return new(revision.File, line, $"{revision.File}:{line} opens a connection of its own while Alembic's is open: use op.get_bind() instead");
        }
        return new(project.EnvFile, null, $"look in {project.EnvFile} and what it imports for a second connection, and use one for all");
    }

    private static int? Open(string path)
    {
        try
        {
            return new AlembicConnections(PythonStatement.Read(System.IO.File.ReadAllText(path))).All is [var first, ..] ? first.Line : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
