namespace MigrationHost.EfApp.Shop;

/// <summary>The child of a customer, and of a product.</summary>
public sealed class Order
{
    public int Id { get; set; }

    public int CustomerId { get; set; }

    public int? ProductId { get; set; }

    public string? Note { get; set; }
}
