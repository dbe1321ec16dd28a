namespace MigrationHost.Databases.PostgreSql;

/// <summary>Somebody on the server who can hold locks: a backend, or a prepared transaction, which has none.</summary>
internal sealed record ServerBackend
{
    private const string Unseen = "<insufficient privilege>";

    /// <summary>The backend's pid; negative for a prepared transaction.</summary>
    public required int Id { get; init; }

    public required bool InThisDatabase { get; init; }
    public required string? Application { get; init; }
    public required string? User { get; init; }

    /// <summary>The client's address; null on a Unix-domain socket, for what has no client, and where it is hidden.</summary>
    public string? Address { get; init; }

    public int? Port { get; init; }
    public string? State { get; init; }
    public string? Query { get; init; }

    /// <summary>pg_stat_activity.backend_type: <c>client backend</c>, <c>autovacuum worker</c> …</summary>
    public string? Type { get; init; }

    /// <summary>The backend that a parallel worker works for.</summary>
    public int? Leader { get; init; }

    public string? WaitEventType { get; init; }

    /// <summary>When its transaction began, by the server's clock.</summary>
    public DateTime? TransactionBegan { get; init; }

    public long? TransactionMs { get; init; }
    public long? StateMs { get; init; }
    public long? QueryMs { get; init; }

    /// <summary>Whom it waits for: pg_blocking_pids. 0 stands for a prepared transaction.</summary>
    public IReadOnlyList<int> BlockedBy { get; init; } = [];

    /// <summary>The name of a prepared transaction.</summary>
    public string? Prepared { get; init; }

    public int? Pid => Prepared is null ? Id : null;

    /// <summary>Whether our role is not told what it does.</summary>
    public bool IsHidden => Query == Unseen;

    public bool IsIdle => State?.StartsWith("idle", StringComparison.Ordinal) == true;

    public bool IsIdleInTransaction => State?.StartsWith("idle in transaction", StringComparison.Ordinal) == true;

    /// <summary>Whether it is a session of MigrationHost, of this process or of another one.</summary>
    public bool IsMigrationHost => Application?.StartsWith(ApplicationName.Prefix, StringComparison.Ordinal) == true;

    /// <summary>The name without the mark: the same for all sessions of one process.</summary>
    public string? Instance => IsMigrationHost ? Application!.Split(' ')[0] : null;
}
