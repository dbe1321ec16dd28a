namespace MigrationHost;

/// <summary>What has changed from one status of a database to a later one.</summary>
internal static class StatusChange
{
    /// <summary>The migrations that were applied in between.</summary>
    /// <remarks>
    /// What was applied before this start is none of them. A reader that is late may see the first status of a start only when all of
    /// them are applied.
    /// </remarks>
    public static IEnumerable<AppliedMigration> AppliedSince(this DatabaseStatus now, DatabaseStatus before) =>
        now.AppliedBefore is not { } found ? [] : now.Applied.Skip(before.AppliedBefore is null ? found : before.Applied.Count);
}
