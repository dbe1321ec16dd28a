namespace MigrationHost.Bench.Peers;

/// <summary>What a migration can run into.</summary>
/// <param name="Name">What happens.</param>
/// <param name="IsSqlite">On which database.</param>
/// <param name="Columns">What is found out of each tool.</param>
/// <param name="Play">Makes it happen to one tool whose first migration is applied, and says what was found out.</param>
internal sealed record Situation(string Name, bool IsSqlite, string[] Columns, Func<Stage, string[]> Play)
{
    /// <summary>Tools with other settings that are of interest here alone.</summary>
    public IReadOnlyList<Peer> Also { get; init; } = [];
}
