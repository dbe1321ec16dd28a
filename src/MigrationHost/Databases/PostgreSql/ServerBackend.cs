namespace MigrationHost.Databases.PostgreSql;

/// <summary>What can hold locks on the server: a backend, or a prepared transaction, which has none.</summary>
internal sealed record ServerBackend
{
    /// <summary>What the server shows instead of a statement that our role may not see.</summary>
    public const string Unseen = "<insufficient privilege>";

    /// <summary>The backend's pid; negative for a prepared transaction.</summary>
    public required int Id { get; init; }

    /// <summary>Whether it works in the database that was asked.</summary>
    public required bool IsHere { get; init; }

    public uint? DatabaseId { get; init; }

    /// <summary>The name of the other database that it works in; null if it works in this one.</summary>
    public string? Database { get; init; }

    public uint? UserId { get; init; }
    public string? User { get; init; }
    public string? Application { get; init; }

    /// <summary>The client's address; null on a Unix-domain socket, for what has no client, and if it is hidden.</summary>
    public string? Address { get; init; }

    public int? Port { get; init; }
    public string? State { get; init; }
    public string? Query { get; init; }

    /// <summary>pg_stat_activity.backend_type: <c>client backend</c>, <c>autovacuum worker</c> …</summary>
    public string? Type { get; init; }

    /// <summary>The backend that a parallel worker works for.</summary>
    public int? Leader { get; init; }

    public string? WaitEventType { get; init; }
    public string? WaitEvent { get; init; }

    /// <summary>Whether it keeps a snapshot: for a statement under way, an open cursor, or a REPEATABLE READ transaction.</summary>
    public bool HasSnapshot { get; init; }

    public long? TransactionMs { get; init; }
    public long? StateMs { get; init; }
    public long? QueryMs { get; init; }

    /// <summary>The name of a prepared transaction.</summary>
    public string? Prepared { get; init; }

    public int? Pid => Prepared is null ? Id : null;

    /// <summary>Whether our role is not told what it does.</summary>
    public bool IsHidden => Query == Unseen;

    public bool IsIdle => State?.StartsWith("idle", StringComparison.Ordinal) == true;

    public bool IsIdleInTransaction => State?.StartsWith("idle in transaction", StringComparison.Ordinal) == true;

    /// <summary>Whether it is VACUUM, and waits until nobody else has a page in use.</summary>
    public bool WaitsForPin => WaitEventType == "BufferPin";

    /// <summary>Whether it is a session of MigrationHost, of this process or of another one.</summary>
    public bool IsMigrationHost => Application?.StartsWith(ApplicationName.Prefix, StringComparison.Ordinal) == true;

    /// <summary>Whether it is a session of an external tool that an instance runs, of this process or of another one.</summary>
    public bool IsToolOfMigrationHost => Application?.StartsWith(ApplicationName.ToolPrefix, StringComparison.Ordinal) == true;

    /// <summary>Whether it is a session of the external tool that this very instance runs.</summary>
    public bool IsToolOf(ServerBackend instance) =>
        Application?.StartsWith(ApplicationName.ToolOf + instance.Instance, StringComparison.Ordinal) == true;

    /// <summary>The name without the mark: the same for all sessions of one process.</summary>
    public string? Instance => IsMigrationHost ? Application!.Split(' ')[0] : null;
}
