using System.Text.RegularExpressions;

namespace MigrationHost.Engines.Alembic;

/// <summary>Finds where a project opens the connection that blocks its own migration.</summary>
/// <param name="File">The file, from the content root.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Remedy">What to do.</param>
internal sealed partial record AlembicSelfBlock(string File, int? Line, string Remedy)
{
    /// <param name="project">The project.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="pending">The revisions that run.</param>
    public static AlembicSelfBlock Find(AlembicProject project, AlembicPlace place, IEnumerable<AlembicRevision> pending)
    {
        if (project.Env.SecondConnections is [var second, ..])
            return new(project.EnvFile, second.Line,
                $"{project.EnvFile}:{second.Line} opens a second connection while that of line {second.First} is open: use the first "
                + "one for both, or close it before");
        foreach (var revision in pending)
        {
            if (Array.FindIndex(place.Text(revision.File).Split('\n'), Opens().IsMatch) is >= 0 and var index)
                return new(revision.File, index + 1,
                    $"{revision.File}:{index + 1} opens a connection of its own while Alembic's is open: use op.get_bind() instead");
        }
        return new(project.EnvFile, null, $"look in {project.EnvFile} and what it imports for a second connection, and use one for all");
    }

    /// <summary>Puts the place in front of an error that says so.</summary>
    public MigrationError In(MigrationError error) => error.Hint != Remedy ? error : error with
    {
        Message = $"{File}{(Line is { } line ? $":{line}" : "")}: {error.Message}",
        File = File,
        Line = Line,
    };

    // A session that is bound to Alembic's own connection opens none.
    [GeneratedRegex(@"^[^#]*(\.(connect|raw_connection)\(|\b(Async)?Session(Local)?\((?!.*(bind|conn)))")]
    private static partial Regex Opens();
}
