namespace MigrationHost;

/// <summary>Why the databases are not ready: settings that are wrong, a migration that failed, a lock that was not granted.</summary>
/// <remarks>Its message is that of <see cref="Error"/>; an error in a script has <c>&lt;file&gt;:&lt;line&gt;</c> in it.</remarks>
public sealed class MigrationException : Exception
{
    internal MigrationException(MigrationError error, Exception? inner = null) : base(error.Message, inner) => Error = error;

    /// <summary>What happened, where, what was already applied, and what to do.</summary>
    public MigrationError Error { get; }
}
