namespace MigrationHost.EfApp.Shop;

/// <summary>The parent of orders.</summary>
public sealed class Customer
{
    public int Id { get; set; }

    public required string Name { get; set; }

    public List<Order> Orders { get; } = [];
}
