namespace MigrationHost.Databases;

/// <summary>The connection to the server broke in the middle: the server went away, or the network did. What was committed, only the history can tell.</summary>
internal sealed class ConnectionLostException(string why, Exception? inner = null) : Exception(why, inner);
