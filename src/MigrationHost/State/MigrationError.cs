namespace MigrationHost;

/// <summary>Why a run ended without reaching the target: what, where, what was already applied, and what to do.</summary>
public sealed record MigrationError
{
    /// <summary>The kind of failure.</summary>
    public required MigrationErrorCode Code { get; init; }

    /// <summary>The exit code that a process ends with for this failure.</summary>
    public int ExitCode => ExitCodes.Of(Code);

    /// <summary>What happened. Contains the database's own error text, never SQL or a password.</summary>
    public required string Message { get; init; }

    /// <summary>
    /// <see cref="Message"/> with what the database quotes of the statement and its rows; null if that is all in it. Shown in its place
    /// if the database's <c>ShowStatements</c> is true.
    /// </summary>
    internal string? Verbatim { get; init; }

    /// <summary>The migration that failed, if it was one.</summary>
    public string? Version { get; init; }

    /// <summary>The script's path as it is configured.</summary>
    public string? File { get; init; }

    /// <summary>The line in <see cref="File"/>, counted from 1.</summary>
    public int? Line { get; init; }

    /// <summary>The statement that failed, shortened. Null in every answer unless the database's <c>ShowStatements</c> is true.</summary>
    public string? Statement { get; init; }

    /// <summary>
    /// What an external tool wrote last, oldest first, at most 200 lines. Null in every answer unless
    /// the database's <c>ShowStatements</c> is true.
    /// </summary>
    public IReadOnlyList<string>? Output { get; init; }

    /// <summary>Versions that this run or an earlier one had applied when it failed.</summary>
    public IReadOnlyList<string> Applied { get; init; } = [];

    /// <summary>
    /// Each problem by itself, if there are several: <see cref="Message"/> has the first 20. The status over HTTP has these 20, too.
    /// </summary>
    public IReadOnlyList<MigrationProblem> Problems { get; init; } = [];

    /// <summary>What to do about it.</summary>
    public string? Hint { get; init; }

    /// <summary>True if another attempt can succeed without anybody changing anything of ours: unreachable and blocked.</summary>
    public bool Transient => Code is MigrationErrorCode.DatabaseUnreachable or MigrationErrorCode.Blocked;
}
