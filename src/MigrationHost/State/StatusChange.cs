namespace MigrationHost;

/// <summary>What has changed from one status of a database to a later one.</summary>
internal static class StatusChange
{
    /// <summary>The migrations that were applied in between.</summary>
    /// <remarks>What was applied before this run becomes known all at once, with the first look at the history.</remarks>
    public static IEnumerable<AppliedMigration> AppliedSince(this DatabaseStatus now, DatabaseStatus before) =>
        now.Applied.Skip(before.Phase < MigrationPhase.WaitingForTurn ? now.Applied.Count : before.Applied.Count);
}
