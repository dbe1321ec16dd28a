using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>What of a tool's file is to run, and how.</summary>
/// <param name="Text">The part that migrates up, at the lines it has in the file.</param>
internal sealed record ToolScript(ScriptText Text)
{
    /// <summary>Whether its tool runs it outside a transaction.</summary>
    public bool WithoutTransaction { get; init; }

    /// <summary>The checksum that the tool's history has; null where it keeps none.</summary>
    public string? Checksum { get; init; }

    /// <summary>Checksums that the tool takes for the same.</summary>
    public IReadOnlyList<string> OtherChecksums { get; init; } = [];

    /// <summary>Why it may not be run while it is pending: line and reason, with the remedy.</summary>
    public IReadOnlyList<(int Line, string What, string Remedy)> Refusals { get; init; } = [];
}
