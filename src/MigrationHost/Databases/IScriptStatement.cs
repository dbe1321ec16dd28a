namespace MigrationHost.Databases;

/// <summary>A statement of a script, as it is known before it runs.</summary>
internal interface IScriptStatement
{
    /// <summary>Which one it is of those that run, counted from 1.</summary>
    int Number { get; }

    /// <summary>The line of the script on which it begins, counted from 1.</summary>
    int Line { get; }

    /// <summary>Its text in UTF-8.</summary>
    ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>Whether it is known that it cannot run in a transaction.</summary>
    bool NeedsNoTransaction { get; }
}
