namespace MigrationHost.Scripts;

/// <summary>
/// A migration that was read and checked. Its text is read again when it is applied, so that a thousand applied ones cost no memory.
/// </summary>
internal sealed record Migration
{
    /// <summary>Its id, in the one form that its source gives it.</summary>
    public required string Version { get; init; }

    public required string Description { get; init; }

    /// <summary>The checksum of its text; null where the source keeps none.</summary>
    public required string? Checksum { get; init; }

    /// <summary>What it asks of the session.</summary>
    public required ScriptHeader Header { get => Generated?.Header ?? field; init; }

    /// <summary>What a history may have besides for the same text: what an earlier version recorded, or the tool for other line
    /// ends.</summary>
    public IReadOnlyList<string> OtherChecksums { get; init; } = [];

    /// <summary>Whether it is applied anew whenever it has changed.</summary>
    public bool Repeats { get; init; }

    /// <summary>Whether it may be applied after one that comes behind it in the order, as its tool does with this one.</summary>
    public bool RunsLate { get; init; }

    /// <summary>Whether it is a program that only its tool can run.</summary>
    public bool IsCode { get; init; }

    /// <summary>Whether its tool sends it to the server as it stands: what only the database's client knows is an error there.</summary>
    public bool IsForServer { get; init; }

    /// <summary>What forbids to run it while it is pending, and says nothing against having run it.</summary>
    public IReadOnlyList<ScriptFinding> Findings { get; init; } = [];

    /// <summary>Where its text is, for messages: the path as it is configured; the id, if it is no file.</summary>
    public required string File { get; init; }

    /// <summary>Reads the text to run once more; null where it is no longer what was checked. Throws what reading files throws.</summary>
    public required Func<ScriptText?> Text { get; init; }

    /// <summary>Reads what undoes it: a migration of the same id with the text and the header for the way back, and with what forbids
    /// it. Null if nothing does. Throws what reading files throws.</summary>
    public Func<Migration?> Down { get; init; } = () => null;

    /// <summary>What is known of a text that is generated; null for a file's.</summary>
    public IGeneratedText? Generated { get; init; }

    /// <summary>Whether it is what a history row says.</summary>
    public bool Has(string? checksum) => checksum == Checksum || (checksum is not null && OtherChecksums.Contains(checksum));

    /// <summary>A line of its text, for messages.</summary>
    public string At(int line) =>
        Generated?.Place(line) is var (command, within) ? $"{File}, command {command}, line {within}" : $"{File}:{line}";

    /// <summary>Where a run is, for messages.</summary>
    public string At(RunningMigration? running) => Generated is null
        ? $"{File}:{running?.Line ?? 1}"
        : $"{File}, command {running?.Statement ?? 1}, line {running?.Line ?? 1}";

    /// <summary>What to show of a statement that begins.</summary>
    /// <param name="number">Which it is, counted from 1.</param>
    /// <param name="total">Of how many; null if that is not known.</param>
    /// <param name="line">The line on which it begins.</param>
    public (int Number, int? Total, int Line) Shown(int number, int? total, int line) =>
        Generated?.Place(line) is var (command, within) ? (command, Generated.Commands, within) : (number, total, line);

    /// <summary>Whether it is to be applied anew, although it was applied.</summary>
    public bool IsDueAgain(HistoryEntry entry) =>
        Repeats && entry is { State: HistoryState.Applied, Checksum: { } checksum } && !Has(checksum);

    /// <summary>Reads the text to run.</summary>
    /// <exception cref="MigrationException">It is gone, or no longer what was checked.</exception>
    public ScriptText ReadText()
    {
        try
        {
            if (Text() is { } text)
                return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The same to the user as one that changed.
        }
        throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.HistoryMismatch,
            Message = $"{File}: changed or vanished after it was checked",
            Version = Version,
            File = File,
            Hint = "Do not replace migration files while a run is under way; start again.",
        });
    }
}
