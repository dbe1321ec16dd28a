namespace MigrationHost.Commands;

/// <summary>What an exit code means, and what to do.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Name">The error's code, where it is one of an error; else null.</param>
/// <param name="Text">What it means.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record Meaning(int ExitCode, string? Name, string Text, string Remedy)
{
    /// <summary>All that the program ends with, and what others make of it.</summary>
    public static readonly IReadOnlyList<Meaning> All =
    [
        new(ExitCodes.Success, null, "The schema is at the target, or the command has done what it was asked for.", "Nothing."),
        Of(
            MigrationErrorCode.Unexpected,
            "An unexpected failure: a defect in MigrationHost, not in your migrations.",
            "Report it with the stack trace from the log (stderr). What ran in a transaction was rolled back. "
                + "From healthcheck, 1 says only that the host does not answer 200."),
        Of(
            MigrationErrorCode.InvalidConfiguration,
            "Settings or the command line are not valid. No database was touched.",
            "Each problem is on a line of its own with its key. Correct all of them; 'doctor' checks them again."),
        Of(
            MigrationErrorCode.DatabaseUnreachable,
            "The database did not come up within Timeouts:DatabaseWait, is not a database, is encrypted, or cannot be written; "
                + "or who holds a lock could not be found out (locks).",
            "Check that the server runs and that ConnectionString, user and password are right; 'doctor' says which part fails. "
                + "serve tries again by itself."),
        Of(
            MigrationErrorCode.MigrationFailed,
            "A migration failed in the database, or contains BEGIN, COMMIT or ROLLBACK, or violates a foreign key.",
            "The error has <file>:<line>. Correct the script and start again; what was applied before it stays applied."),
        Of(
            MigrationErrorCode.Blocked,
            "Another session or process held a lock for longer than Timeouts:Lock, or another instance had the turn.",
            "The error names the holders; 'locks' shows them as of now. End the holder or wait for it, then start again. "
                + "serve tries again by itself."),
        Of(
            MigrationErrorCode.DeadlineExceeded,
            "A migration worked for longer than Timeouts:Migration and was cancelled.",
            "If it needs longer, raise Timeouts:Migration, or write -- migrationhost: timeout=hh:mm:ss in the script's first line."),
        Of(
            MigrationErrorCode.HistoryMismatch,
            "The migration files are wrong, or files, history and database do not belong together. Nothing was applied.",
            "'validate' lists every problem. A changed file: restore it, or 'resolve VERSION --changed'. Tables without a history: "
                + "'baseline VERSION' or AllowExistingTables. No files: mount or name the right folder, or AllowEmpty."),
        Of(
            MigrationErrorCode.ToolFailed,
            "The external tool failed, or reported success while the database says otherwise.",
            "The tool's own last lines are in the log (stderr)."),
        new(ExitCodes.Pending, null, "Something is pending (status, migrate --dry-run).", "Run 'migrate', or start the service."),
        new(
            ExitCodes.LocksHeld,
            null,
            "Another process or session holds a lock (locks).",
            "The answer says who, for how long, and how to end it."),
        new(ExitCodes.DoctorFoundProblem, null, "doctor has found a problem.", "The answer has the remedy of each."),
        Of(
            MigrationErrorCode.Interrupted,
            "The process was told to stop before the target was reached: by SIGINT (130, Ctrl-C) or SIGTERM (143).",
            "Start again. What ran in a transaction was rolled back; a script with transaction=none is resumed."),
        new(
            137,
            null,
            "The process was killed (SIGKILL): usually out of memory, or stopped by force after its grace period.",
            "Raise the memory limit or the grace period and start again. Nothing is half done: transactions are rolled back, "
                + "scripts with transaction=none are resumed."),
    ];

    private static readonly IReadOnlyList<Meaning> OfHealthcheck =
    [
        new(ExitCodes.Success, null, "The host answered 200: it is ready, with --live alive.", "Nothing."),
        new(ExitCodes.Unexpected, null, "The host answered something else, or not at all.", "Look at its log, or at /migrations."),
        All.First(meaning => meaning.ExitCode == ExitCodes.InvalidConfiguration),
    ];

    /// <summary>The exit codes that it is about.</summary>
    public IReadOnlyList<int> Codes =>
        ExitCode == ExitCodes.InterruptedBySigTerm ? [ExitCodes.InterruptedBySigInt, ExitCodes.InterruptedBySigTerm] : [ExitCode];

    /// <summary>The code as a list shows it.</summary>
    public string Shown => string.Join(", ", Codes);

    /// <summary>Finds what somebody asks for: a number, or the code of an error in any case.</summary>
    public static Meaning? Find(string code) => All.FirstOrDefault(meaning =>
        meaning.Codes.Any(number => $"{number}" == code) || code.Equals(meaning.Name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What a command may end with.</summary>
    /// <param name="command">Its name; null for all there is.</param>
    public static IEnumerable<Meaning> Of(string? command) => command == HealthcheckCommand.Name ? OfHealthcheck
        : All.Where(meaning => EndsWith(command, meaning.ExitCode));

    private static bool EndsWith(string? command, int code) => code switch
    {
        137 => command is null,
        ExitCodes.Success => true,
        ExitCodes.Pending => command is null or "migrate" or "status",
        ExitCodes.LocksHeld => command is null or "locks",
        ExitCodes.DoctorFoundProblem => command is null or "doctor",
        ExitCodes.Unexpected or ExitCodes.InvalidConfiguration => true,
        _ => command is not ("explain" or "completion"),
    };

    private static Meaning Of(MigrationErrorCode code, string text, string remedy) =>
        new(ExitCodes.Of(code), code.ToString(), text, remedy);
}
