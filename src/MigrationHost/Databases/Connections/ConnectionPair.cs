namespace MigrationHost.Databases.Connections;

/// <summary>One key of a connection string with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, decoded.</param>
/// <param name="Written">The value as it is written, with its escapes.</param>
internal sealed record ConnectionPair(string Key, string Value, string Written);
