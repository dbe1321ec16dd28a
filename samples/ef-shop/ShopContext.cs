using Microsoft.EntityFrameworkCore;

namespace EfShop;

/// <summary>The shop's model, and its migrations for SQLite.</summary>
public class ShopContext : DbContext
{
    public ShopContext(DbContextOptions<ShopContext> options) : base(options)
    {
    }

    protected ShopContext(DbContextOptions options) : base(options)
    {
    }

    public DbSet<Customer> Customers => Set<Customer>();

    public DbSet<Product> Products => Set<Product>();

    public DbSet<Order> Orders => Set<Order>();
}

/// <summary>The same model, with the migrations for PostgreSQL.</summary>
public sealed class ShopOnPostgreSqlContext(DbContextOptions<ShopOnPostgreSqlContext> options) : ShopContext(options);
