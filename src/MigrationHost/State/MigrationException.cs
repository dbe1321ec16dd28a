namespace MigrationHost;

/// <summary>Carries an error value from where it happened to the one place that turns it into state.</summary>
internal sealed class MigrationException(MigrationError error, Exception? inner = null) : Exception(error.Message, inner)
{
    public MigrationError Error { get; } = error;
}
