namespace MigrationHost.Databases.Sqlite;

/// <summary>A process with locks, who waits for it and whom it waits for.</summary>
/// <param name="Holder">The process.</param>
internal sealed record SqliteObstacle(SqliteHolder Holder)
{
    /// <summary>The readers that its commit or its checkpoint waits for.</summary>
    public IReadOnlyList<SqliteHolder> WaitsFor { get; init; } = [];

    /// <summary>Readers of which one at least is waited for; which of them is not visible.</summary>
    public IReadOnlyList<SqliteHolder> MayWaitFor { get; init; } = [];

    /// <summary>Those whose commit or checkpoint waits for it.</summary>
    public IReadOnlyList<SqliteHolder> WaitedForBy { get; init; } = [];
}
