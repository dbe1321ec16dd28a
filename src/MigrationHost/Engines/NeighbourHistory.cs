namespace MigrationHost.Engines;

/// <summary>What another entry of the configuration keeps in the same database.</summary>
/// <param name="Table">Its history's table; null if only its tool knows what it keeps.</param>
internal sealed record NeighbourHistory(string? Table)
{
    /// <summary>What the entry is called.</summary>
    public string Name { get; init; } = "";

    /// <summary>The entry, if it may have its history in the table of another tool: its folder says in which.</summary>
    public DatabaseOptions? Entry { get; init; }
}
