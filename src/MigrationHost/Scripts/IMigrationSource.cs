using MigrationHost.Platform;

namespace MigrationHost.Scripts;

/// <summary>
/// Where migrations come from: a folder of ours or of another tool, an assembly. It knows neither databases nor histories.
/// </summary>
internal interface IMigrationSource
{
    /// <summary>What it is, for messages: the folder as it is configured, the name of an assembly.</summary>
    string Place { get; }

    /// <summary>Whether it reads files, which may not answer.</summary>
    bool ReadsFiles => true;

    /// <summary>The order of its ids, those included that it no longer has.</summary>
    IComparer<string> Order { get; }

    /// <summary>Reads all there is. Touches no database. What is wrong is in the result.</summary>
    /// <param name="files">Is told which files are being read.</param>
    MigrationSet Read(FilesInHand files);

    /// <summary>Reads an id as people write it.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="problem">Why it cannot be an id of this source.</param>
    /// <returns>The id in the one form that the history has; null if it cannot be one.</returns>
    string? ReadId(string text, out string problem);
}
