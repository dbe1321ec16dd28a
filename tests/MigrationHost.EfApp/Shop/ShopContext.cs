using Microsoft.EntityFrameworkCore;

namespace MigrationHost.EfApp.Shop;

/// <summary>A small model with parents and children. Its migrations fit SQLite and PostgreSQL.</summary>
public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<Customer> Customers => Set<Customer>();

    public DbSet<Order> Orders => Set<Order>();

    public DbSet<Product> Products => Set<Product>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => ShopModel.AtProducts(modelBuilder);
}
