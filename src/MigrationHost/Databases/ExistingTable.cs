namespace MigrationHost.Databases;

/// <summary>A table or view that is in a database already.</summary>
/// <param name="Name">Its name, without its schema.</param>
/// <param name="Columns">Its columns' names; none of a view.</param>
internal sealed record ExistingTable(string Name, IReadOnlyList<string> Columns)
{
    /// <summary>Whether it is in another schema than the one that has our history or will have it.</summary>
    public bool Elsewhere { get; init; }
}
