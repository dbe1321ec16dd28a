namespace MigrationHost.Scripts;

/// <summary>Something about a file or its folder that forbids to run it, and says nothing against having run it: the plan decides which of
/// the two it is.</summary>
/// <param name="Kind">Findings of one kind become one sentence: a tool's name, for what belongs to that tool.</param>
/// <param name="File">The file's or folder's path as it is configured.</param>
/// <param name="Line">The line, counted from 1; null where it is the file as a whole.</param>
/// <param name="What">What it is.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record ScriptFinding(string Kind, string File, int? Line, string What, string Remedy)
{
    /// <summary>Whether it is nothing to speak of once the file is applied.</summary>
    public bool WhilePending { get; init; }

    /// <summary>Why the files may not be run: one problem for each kind, at the first file that has it.</summary>
    public static IEnumerable<ScriptProblem> ToProblems(IEnumerable<ScriptFinding> findings) =>
        from kind in findings.GroupBy(finding => finding.Kind)
        let first = kind.First()
        select new ScriptProblem(first.File, first.Line, $"{Sentence(kind)}. {first.Remedy}") { Remedies = [] };

    /// <summary>The same of files that were run already.</summary>
    public static IEnumerable<PlanWarning> ToWarnings(IEnumerable<ScriptFinding> findings) =>
        from kind in findings.GroupBy(finding => finding.Kind)
        let first = kind.First()
        select new PlanWarning(
            $"{new ScriptProblem(first.File, first.Line, Sentence(kind))}. What was applied stays applied, so the start continues",
            "Nothing to do for what is applied. A pending file of this kind is refused.");

    private static string Sentence(IGrouping<string, ScriptFinding> kind)
    {
        var more = kind.Select(finding => finding.File).Distinct().Count() - 1;
        return kind.First().What + more switch { 0 => "", 1 => "; so is 1 more file", _ => $"; so are {more} more files" };
    }
}
