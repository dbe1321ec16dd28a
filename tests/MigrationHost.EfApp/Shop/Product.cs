namespace MigrationHost.EfApp.Shop;

/// <summary>What is ordered.</summary>
public sealed class Product
{
    public int Id { get; set; }

    public required string Name { get; set; }
}
