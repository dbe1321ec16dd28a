namespace MigrationHost.Scripts;

/// <summary>The text of a migration that is no file: something generates it, command by command.</summary>
internal interface IGeneratedText
{
    /// <summary>How many commands it has.</summary>
    int Commands { get; }

    /// <summary>What it asks of the session, which shows with its commands.</summary>
    /// <exception cref="MigrationException">They could not be generated.</exception>
    ScriptHeader Header { get; }

    /// <summary>Where a line of the text is.</summary>
    /// <param name="line">The line, counted from 1.</param>
    /// <returns>The command and the line within it, both counted from 1.</returns>
    (int Command, int Line) Place(int line);
}
