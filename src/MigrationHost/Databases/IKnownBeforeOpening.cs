namespace MigrationHost.Databases;

/// <summary>A database of which something is known without a connection: a file.</summary>
internal interface IKnownBeforeOpening
{
    /// <summary>Why migrations that are pending cannot be applied, if the settings say so; null if they do not.</summary>
    MigrationError? WhyReadOnly { get; }

    /// <summary>What is wrong with what is there; null if it may well be the database. For a process that has no connection to it.</summary>
    string? WhyNoDatabase { get; }
}
