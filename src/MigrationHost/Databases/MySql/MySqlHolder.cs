namespace MigrationHost.Databases.MySql;

/// <summary>Somebody in the way.</summary>
/// <param name="Thread">The session; null for a prepared transaction without one.</param>
/// <param name="Held">What of the locks it has is waited for.</param>
internal sealed record MySqlHolder(MySqlThread? Thread, IReadOnlyList<MySqlHeldLock> Held)
{
    /// <summary>The table whose row it has locked; null if it is another lock.</summary>
    public string? RowOf { get; init; }

    /// <summary>Whether it has the turn.</summary>
    public bool HasTurn { get; init; }

    /// <summary>Whether it has the lock of the tool whose history it is.</summary>
    public bool HasToolLock { get; init; }

    /// <summary>Whom it waits for itself.</summary>
    public IReadOnlyList<MySqlHolder> WaitsFor { get; init; } = [];

    /// <summary>The id of the prepared transaction, as XA COMMIT takes it.</summary>
    public string? Prepared { get; init; }
}
