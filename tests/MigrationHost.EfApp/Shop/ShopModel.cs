using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MigrationHost.EfApp.Shop;

/// <summary>The model as it is after each migration.</summary>
public static class ShopModel
{
    private const string CustomerType = "MigrationHost.EfApp.Shop.Customer";
    private const string OrderType = "MigrationHost.EfApp.Shop.Order";
    private const string ProductType = "MigrationHost.EfApp.Shop.Product";

    public static void AtInitial(ModelBuilder model)
    {
        Customer(model, customer =>
        {
            customer.Property<string>("Name");
            customer.Property<string>("Email");
        });
        Order(model);
    }

    public static void AtNotes(ModelBuilder model)
    {
        AtInitial(model);
        model.Entity(OrderType).Property<string>("Note");
        model.Entity(OrderType).HasIndex("Note");
    }

    public static void AtRequiredName(ModelBuilder model)
    {
        AtNotes(model);
        model.Entity(CustomerType).Property<string>("Name").IsRequired().HasMaxLength(100);
    }

    public static void AtNoEmail(ModelBuilder model)
    {
        Customer(model, customer => customer.Property<string>("Name").IsRequired().HasMaxLength(100));
        Order(model);
        model.Entity(OrderType).Property<string>("Note");
        model.Entity(OrderType).HasIndex("Note");
    }

    public static void AtProducts(ModelBuilder model)
    {
        AtNoEmail(model);
        model.Entity(ProductType, product =>
        {
            product.Property<int>("Id").ValueGeneratedOnAdd();
            product.HasKey("Id");
            product.Property<string>("Name").IsRequired();
            product.ToTable("Products");
        });
        model.Entity(OrderType, order =>
        {
            order.Property<int?>("ProductId");
            order.HasIndex("ProductId");
            order.HasOne(ProductType, null).WithMany().HasForeignKey("ProductId");
        });
    }

    private static void Customer(ModelBuilder model, Action<EntityTypeBuilder> more) => model.Entity(CustomerType, customer =>
    {
        customer.Property<int>("Id").ValueGeneratedOnAdd();
        customer.HasKey("Id");
        customer.ToTable("Customers");
        more(customer);
    });

    private static void Order(ModelBuilder model) => model.Entity(OrderType, order =>
    {
        order.Property<int>("Id").ValueGeneratedOnAdd();
        order.Property<int>("CustomerId");
        order.HasKey("Id");
        order.HasIndex("CustomerId");
        order.HasOne(CustomerType, null).WithMany("Orders").HasForeignKey("CustomerId").OnDelete(DeleteBehavior.Cascade).IsRequired();
        order.ToTable("Orders");
    });
}
