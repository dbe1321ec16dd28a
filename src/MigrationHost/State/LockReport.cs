namespace MigrationHost;

/// <summary>Who holds and who waits for what on one database, at one moment.</summary>
public sealed record LockReport
{
    /// <summary>The database's configured name.</summary>
    public required string Database { get; init; }

    /// <summary>When it was looked at (UTC).</summary>
    public required DateTimeOffset DiagnosedAt { get; init; }

    /// <summary>False if the system hides something: then an empty list does not mean that nobody holds a lock.</summary>
    public bool Complete { get; init; } = true;

    /// <summary>What is hidden and why, and other findings such as a hot journal. Null if there is nothing to say.</summary>
    public string? Note { get; init; }

    /// <summary>All holders of locks that can hold up others.</summary>
    public IReadOnlyList<Blocker> Holders { get; init; } = [];

    /// <summary>Everybody who is known to wait.</summary>
    public IReadOnlyList<LockWaiter> Waiters { get; init; } = [];
}
