namespace MigrationHost.Databases;

/// <summary>What a run needs of a database and does not get yet, so that it waits for it.</summary>
/// <param name="What">What is waited for, in words.</param>
/// <param name="Why">What the database said.</param>
/// <param name="Remedy">What to do if it does not come by itself.</param>
internal sealed record Unavailable(string What, string Why, string? Remedy = null)
{
    public override string ToString() => $"{What} ({Why})";
}
