namespace MigrationHost.Scripts;

/// <summary>
/// A migration that was read and checked. Its text is read again when it is applied, so that a thousand applied ones cost no memory.
/// </summary>
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

    /// <summary>Where its text is, for messages: the path as it is configured.</summary>
    public required string File { get; init; }

    /// <summary>Reads its text again; null if that is gone, or no longer what was checked.</summary>
    public required Func<ScriptText?> Text { get; init; }

    /// <summary>Whether it is what a history row says.</summary>
    public bool Has(string checksum) => checksum == Checksum || checksum == FormerChecksum;

    /// <summary>Reads the text to run.</summary>
    /// <exception cref="MigrationException">It is gone, or no longer what was checked.</exception>
    public ScriptText ReadText() => Text() ?? throw new MigrationException(new MigrationError
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = $"{File}: changed or vanished after it was checked",
        Version = Version,
        File = File,
        Hint = "Do not replace migration files while a run is under way; start again.",
    });
}
