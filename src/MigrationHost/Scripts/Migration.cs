namespace MigrationHost.Scripts;

/// <summary>A migration that was read and checked. Its text is read again when it is applied, so that a thousand applied ones cost no memory.</summary>
internal sealed record Migration
{
    /// <summary>Its id, in the one form that its source gives it.</summary>
    public required string Version { get; init; }

    public required string Description { get; init; }
    public required string Checksum { get; init; }
    public required ScriptHeader Header { get; init; }

    /// <summary>What an earlier version would have recorded for the same text; null where that is no other.</summary>
    public string? FormerChecksum { get; init; }

    /// <summary>What forbids to run it while it is pending, and says nothing against having run it.</summary>
    public IReadOnlyList<ScriptFinding> Findings { get; init; } = [];

    /// <summary>The path as it is configured, for messages.</summary>
    public required string File { get; init; }

    /// <summary>The path to open.</summary>
    public required string FullPath { get; init; }

    /// <summary>Whether it is what a history row says.</summary>
    public bool Has(string checksum) => checksum == Checksum || checksum == FormerChecksum;

    /// <summary>Reads the text to run.</summary>
    /// <exception cref="MigrationException">The file is gone, or no longer what was checked.</exception>
    public ScriptText ReadText()
    {
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
