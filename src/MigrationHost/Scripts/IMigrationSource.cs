using MigrationHost.Platform;

namespace MigrationHost.Scripts;

/// <summary>
/// Where migrations come from: a folder of ours or of another tool, an assembly. It knows neither databases nor histories.
/// </summary>
internal interface IMigrationSource
{
    /// <summary>What it is, for messages: the folder as it is configured, the name of an assembly.</summary>
    string Place { get; }

    /// <summary>The folder that it reads; null if it is none.</summary>
    string? Folder => null;

    /// <summary>Whether it reads files, which may not answer.</summary>
    bool ReadsFiles => true;

    /// <summary>The order of its ids, those included that it no longer has.</summary>
    IComparer<string> Order { get; }

    /// <summary>Reads all there is. Touches no database. What is wrong is in the result.</summary>
    /// <param name="files">Is told which files are being read.</param>
    MigrationSet Read(FilesInHand files);

    /// <summary>The files of the next migration, in the form of those that are there; the first is the one to write in.</summary>
    /// <param name="title">What it is to do, in words.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="MigrationException">Something else makes the migrations of this source.</exception>
    IReadOnlyList<NewFile> Next(string title, DateTimeOffset now);

    /// <summary>Reads an id as people write it.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="problem">Why it cannot be an id of this source.</param>
    /// <returns>The id in the one form that the history has; null if it cannot be one.</returns>
    string? ReadId(string text, out string problem);
}
