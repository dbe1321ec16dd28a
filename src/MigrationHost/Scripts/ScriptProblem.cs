namespace MigrationHost.Scripts;

/// <summary>Something wrong with one migration file, or between it and the history.</summary>
/// <param name="File">The file's path as it is configured.</param>
/// <param name="Line">The line, counted from 1; null where it is the file as a whole.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record ScriptProblem(string File, int? Line, string Message)
{
    /// <summary>Whether it could not be read at all: a matter of permissions and paths, not of what it says.</summary>
    public bool Unreadable { get; init; }

    public override string ToString() => Line is { } line ? $"{File}:{line}: {Message}" : $"{File}: {Message}";

    public MigrationProblem ToStatus() => new(File, Line, Message);

    /// <exception cref="MigrationException">There are problems: all of them are in its message.</exception>
    public static void ThrowIfAny(IReadOnlyList<ScriptProblem> problems, IReadOnlyList<string> applied)
    {
        if (problems.Count == 0)
            return;
        var unreadable = problems.Any(problem => problem.Unreadable);
        throw new MigrationException(new MigrationError
        {
            Code = unreadable ? MigrationErrorCode.InvalidConfiguration : MigrationErrorCode.HistoryMismatch,
            Message = ProblemList.Text([.. problems.Select(problem => problem.ToString())]),
            Problems = problems.Count == 1 ? [] : [.. problems.Select(problem => problem.ToStatus())],
            File = problems[0].File,
            Line = problems[0].Line,
            Applied = applied,
            Hint = unreadable
                ? "Nothing was applied in this start. Check that every file exists and that this process's user may read it."
                : "Nothing was applied in this start. Correct the files and start again.",
        });
    }
}
