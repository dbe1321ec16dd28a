using MigrationHost.Scripts;

namespace MigrationHost.Engines.Alembic;

/// <summary>Reads a revision's file without running it.</summary>
internal static class AlembicRevisionFile
{
    /// <param name="file">The path as it is configured, for messages.</param>
    /// <param name="text">The file's text.</param>
    /// <param name="problems">Takes what keeps it from being read.</param>
    /// <returns>The revision; null where there is a problem.</returns>
    public static AlembicRevision? Read(string file, string text, List<ScriptProblem> problems)
    {
        var lines = PythonText.Read(text);
        var known = problems.Count;
        var (id, idLine) = Assigned(lines, "revision", file, problems);
        var (down, downLine) = Assigned(lines, "down_revision", file, problems);
        var (labels, _) = Assigned(lines, "branch_labels", file, problems);
        var (depends, _) = Assigned(lines, "depends_on", file, problems);
        if (idLine is null && downLine is null)
            problems.Add(new ScriptProblem(file, null, "declares no revision; every file in a versions folder is one to Alembic. Move it elsewhere, or give it revision and down_revision"));
        else if (idLine is null || id is { Count: 0 })
            problems.Add(new ScriptProblem(file, idLine, "has no revision id; write revision = \"…\""));
        else if (downLine is null)
            problems.Add(new ScriptProblem(file, null, "has no down_revision; write down_revision = \"…\", or None for the first one"));
        if (problems.Count > known)
            return null;
        return new AlembicRevision
        {
            Id = id![0],
            Message = Message(lines),
            Down = down!,
            DependsOn = depends ?? [],
            Labels = labels ?? [],
            File = file,
            DownLine = downLine,
        };
    }

    // The last one counts, as it does when the file runs.
    private static (IReadOnlyList<string>? Values, int? Line) Assigned(IReadOnlyList<PythonLine> lines, string name, string file, List<ScriptProblem> problems)
    {
        foreach (var line in lines.Where(line => line.Indent == 0).Reverse())
        {
            if (PythonValue.AssignedTo(line, name) is not { } value)
                continue;
            if (PythonValue.Strings(value) is { } values)
                return (values, line.Line);
            problems.Add(new ScriptProblem(file, line.Line, $"{name} is no plain string, tuple or None; it has to be known without running the file"));
            return (null, line.Line);
        }
        return (null, null);
    }

    private static string Message(IReadOnlyList<PythonLine> lines) =>
        lines is [{ Tokens: [{ Kind: PythonTokenKind.String, Text: var text }] }, ..]
            ? string.Join(' ', text.ReplaceLineEndings("\n").Trim().Split("\n\n")[0].Split('\n').Select(line => line.Trim()))
            : "";
}
