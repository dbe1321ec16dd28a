namespace MigrationHost.Running;

/// <summary>What has become of a migration that was under way when its run ended, as the history says afterwards.</summary>
/// <param name="Version">The migration.</param>
/// <param name="Kind">What has become of it.</param>
internal sealed record Consequence(string Version, ConsequenceKind Kind)
{
    /// <summary>How many of its statements are recorded as done, if it runs without a transaction.</summary>
    public int StatementsDone { get; init; }

    /// <summary>The statement that was under way, if that is recorded: it may be done.</summary>
    public int? StatementBegun { get; init; }

    /// <summary>Whether it was to be undone.</summary>
    public bool Undoing { get; init; }

    public override string ToString() => (Kind, Undoing) switch
    {
        (ConsequenceKind.RolledBack, true) => $"Migration {Version} is still applied: what undoes it was rolled back as a whole.",
        (ConsequenceKind.Committed, true) => $"Migration {Version} was undone all the same.",
        (ConsequenceKind.Begun, true) =>
            $"{PlaceText.Statements(StatementsDone)} of what undoes migration {Version} "
                + $"{(StatementsDone == 1 ? "is" : "are")} done and recorded; the next 'migrationhost down' continues from there.",
        _ => OfApplying,
    };

    private string OfApplying => Kind switch
    {
        ConsequenceKind.RolledBack => $"Migration {Version} was rolled back as a whole.",
        ConsequenceKind.Unrecorded => $"The history says nothing of migration {Version}.",
        ConsequenceKind.Committed => $"Migration {Version} was committed all the same.",
        ConsequenceKind.Begun when StatementsDone == 0 =>
            $"No statement of migration {Version} is recorded as done; {Next("begins with the first")}.",
        ConsequenceKind.Begun =>
            $"{(StatementsDone == 1 ? "Statement 1" : $"Statements 1 to {StatementsDone}")} of migration {Version} "
                + $"{(StatementsDone == 1 ? "is" : "are")} done and recorded; "
                + $"{Next($"continues with statement {StatementsDone + 1}")}.",
        _ => $"Whether migration {Version} was committed is not known; 'migrationhost status' shows it once the database can be read.",
    };

    private string Next(string goesOn) => StatementBegun is { } begun
        ? $"statement {begun} was under way, and the next start finds out whether it is done, or says what to look at"
        : $"the next start {goesOn}";
}
