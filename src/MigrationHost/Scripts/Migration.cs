namespace MigrationHost.Scripts;

/// <summary>A migration that was read and checked. Its text is read again when it is applied, so that a thousand applied ones cost no memory.</summary>
/// <remarks>It is a file's, unless something else makes it: then <see cref="Generated"/> is set, and <see cref="FullPath"/> is not.</remarks>
internal sealed record Migration
{
    /// <summary>Its id, in the one form that its source gives it.</summary>
    public required string Version { get; init; }

    public required string Description { get; init; }

    /// <summary>The checksum of its text; null where the source keeps none.</summary>
    public required string? Checksum { get; init; }

    /// <summary>What it asks of the session.</summary>
    public required ScriptHeader Header { get => Generated?.Header ?? field; init; }

    /// <summary>What an earlier version would have recorded for the same text; null where that is no other.</summary>
    public string? FormerChecksum { get; init; }

    /// <summary>What forbids to run it while it is pending, and says nothing against having run it.</summary>
    public IReadOnlyList<ScriptFinding> Findings { get; init; } = [];

    /// <summary>The path as it is configured, for messages; the id, if it is no file.</summary>
    public required string File { get; init; }

    /// <summary>The path to open.</summary>
    public string FullPath { get; init; } = "";

    /// <summary>What makes its text; null for a file.</summary>
    public IGeneratedText? Generated { get; init; }

    /// <summary>Whether it is what a history row says.</summary>
    public bool Has(string? checksum) => checksum == Checksum || checksum == FormerChecksum;

    /// <summary>A line of its text, for messages.</summary>
    public string At(int line) => Generated?.Place(line) is var (command, within) ? $"{File}, command {command}, line {within}" : $"{File}:{line}";

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

    /// <summary>Reads the text to run.</summary>
    /// <exception cref="MigrationException">The file is gone, or no longer what was checked.</exception>
    public ScriptText ReadText()
    {
        if (Generated is not null)
            return Generated.Read();
        try
        {
            if (ScriptText.Read(System.IO.File.ReadAllBytes(FullPath), (_, _) => { }) is { } text && text.Checksum() == Checksum)
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
