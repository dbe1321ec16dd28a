namespace MigrationHost.Databases.PostgreSql;

/// <summary>One statement for the server, sent as it stands.</summary>
/// <param name="Text">The SQL.</param>
/// <param name="Values">The values of <c>$1</c>, <c>$2</c> and so on.</param>
internal sealed record PostgreSqlCommand(string Text, params object?[] Values)
{
    public static implicit operator PostgreSqlCommand(string text) => new(text);
}
