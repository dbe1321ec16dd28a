namespace MigrationHost.Child;

/// <summary>What a child process is to do. It contains secrets.</summary>
internal sealed record ChildOrder
{
    /// <summary>The database's name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Its settings, complete: those of the child's own environment and files do not count.</summary>
    public required DatabaseOptions Database { get; init; }

    /// <summary>The highest version to apply; null for all.</summary>
    public string? Target { get; init; }

    /// <summary>The histories that other entries of the configuration keep in the same database: the child knows this entry only.</summary>
    public IReadOnlyList<string> NeighbourHistories { get; init; } = [];

    /// <param name="name">The database's name in the configuration.</param>
    /// <param name="options">Its settings, with what follows from the other entries.</param>
    /// <param name="timeouts">Its limits, filled up.</param>
    public static ChildOrder For(string name, DatabaseOptions options, Timeouts timeouts)
    {
        var database = options.Copy();
        database.Isolation = IsolationMode.InProcess;
        database.Timeouts = new TimeoutOptions
        {
            DatabaseWait = timeouts.DatabaseWait,
            Turn = timeouts.Turn,
            Lock = timeouts.Lock,
            LockAttempt = timeouts.LockAttempt,
            Migration = timeouts.Migration,
            StallAfter = timeouts.StallAfter,
            Grace = timeouts.Grace,
        };
        return new ChildOrder { Name = name, Database = database, NeighbourHistories = options.NeighbourHistories };
    }
}
