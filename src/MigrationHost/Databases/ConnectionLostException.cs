namespace MigrationHost.Databases;

/// <summary>
/// The connection to the server broke in the middle: the server went away, or the network did. Only the history can say what was committed.
/// </summary>
internal sealed class ConnectionLostException(string why, Exception? inner = null) : Exception(why, inner)
{
    /// <summary>What to do if it does not come back by itself; null if only the kind of database can say.</summary>
    public string? Remedy { get; init; }
}
