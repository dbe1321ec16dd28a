namespace MigrationHost.Databases;

/// <summary>A session that reads what an external tool keeps.</summary>
internal interface IReadsForeignTables
{
    /// <summary>Reads one column of a table as text, in the order of its values; empty if there is no such table. Null: somebody's lock
    /// keeps readers out right now.</summary>
    /// <param name="schema">The table's schema; null for the connection's own.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    ValueTask<IReadOnlyList<string>?> TryReadColumnAsync(string? schema, string table, string column, CancellationToken cancellationToken);

    /// <summary>Reads the names of all that the connection's schema has: <c>table orders</c>, <c>column orders.id</c>,
    /// <c>index ix_orders</c>. Null: somebody's lock keeps readers out right now.</summary>
    ValueTask<IReadOnlyList<string>?> TryReadNamesAsync(CancellationToken cancellationToken);
}
