namespace MigrationHost;

/// <summary>A migration that is still to be applied.</summary>
/// <param name="Version">Its version: digits without leading zeros, or an external tool's own id.</param>
/// <param name="Description">What it does, from its file name.</param>
public sealed record PendingMigration(string Version, string Description)
{
    /// <summary>How many of its statements are done and recorded, if it was begun outside a transaction and is not finished; null for all
    /// others.</summary>
    public int? StatementsDone { get; init; }
}
