using System.Text.RegularExpressions;

namespace MigrationHost.Layouts;

/// <summary>What a tool's folder is recognised by.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Name">A name that only its folders have.</param>
/// <param name="Remedy">How to make a folder of ours of it.</param>
internal sealed record FolderMark(string Tool, Regex Name, string Remedy)
{
    /// <summary>Whether the tool has file names of its own, so that these are not to be judged one by one.</summary>
    public bool NamesFiles { get; init; }

    /// <summary>A word that such a file has in it; null if its name says enough.</summary>
    public string? Says { get; init; }
}
