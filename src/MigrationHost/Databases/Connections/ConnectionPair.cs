namespace MigrationHost.Databases.Connections;

/// <summary>One key of a connection string with its value, decoded.</summary>
internal readonly record struct ConnectionPair(string Key, string Value);
