namespace MigrationHost.Platform;

/// <summary>Something else is in the place of a file of ours, and it cannot be used.</summary>
/// <param name="message">What and where.</param>
/// <param name="remedy">What to do.</param>
internal sealed class UnusableFileException(string message, string remedy) : IOException(message)
{
    public string Remedy { get; } = remedy;
}
