using System.Text.Json.Serialization;

namespace MigrationHost.Scripts;

/// <summary>Something wrong with one migration file, or between it and the history.</summary>
/// <param name="File">The file's path as it is configured.</param>
/// <param name="Line">The line, counted from 1; null where it is the file as a whole.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record ScriptProblem(string File, int? Line, string Message)
{
    private static readonly IReadOnlyList<string> CorrectFiles = ["Correct the files and start again."];

    /// <summary>What to do with a file that was changed.</summary>
    public static readonly IReadOnlyList<string> RestoreOrAccept =
        [.. CorrectFiles, "'migrationhost resolve VERSION --changed' accepts a changed file as it is."];

    /// <summary>Whether it could not be read at all: a matter of permissions and paths, not of what it says.</summary>
    public bool Unreadable { get; init; }

    /// <summary>What to do besides what the message says; nothing if the files are right and the message says it all.</summary>
    /// <remarks>Alembic's answer says none, and what its reader does not find would be null.</remarks>
    [JsonIgnore]
    public IReadOnlyList<string> Remedies { get; init; } = CorrectFiles;

    public override string ToString() => Line is { } line ? $"{File}:{line}: {Message}" : $"{File}: {Message}";

    /// <summary>What to do about all of them, each thing once.</summary>
    /// <param name="before">What to say before that.</param>
    /// <param name="remedies">Those of each.</param>
    public static string Hint(string before, IEnumerable<string> remedies) => string.Join(' ', remedies.Distinct().Prepend(before));

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
            Hint = Hint("Nothing was applied in this start.", problems.SelectMany(problem => problem.Remedies)),
        });
    }
}
