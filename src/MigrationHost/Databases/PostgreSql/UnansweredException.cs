namespace MigrationHost.Databases.PostgreSql;

/// <summary>A connection was made, and the first question on it was not answered.</summary>
internal sealed class UnansweredException(string message) : Exception(message);
