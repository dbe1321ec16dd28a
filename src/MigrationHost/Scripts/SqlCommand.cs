namespace MigrationHost.Scripts;

/// <summary>One statement for a database, run as it stands.</summary>
/// <param name="Text">The SQL.</param>
/// <param name="Values">The values of <c>$1</c>, <c>$2</c> and so on, which appear in that order.</param>
internal sealed record SqlCommand(string Text, params object?[] Values)
{
    public static implicit operator SqlCommand(string text) => new(text);
}
