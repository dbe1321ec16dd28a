using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Shop;

/// <summary>Customers and their orders.</summary>
[DbContext(typeof(ShopContext))]
[Migration("20260101120000_Initial")]
public sealed class Initial : ShopMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "Customers",
            table => new { Id = Key(table), Name = table.Column<string>(nullable: true), Email = table.Column<string>(nullable: true) },
            constraints: table => table.PrimaryKey("PK_Customers", row => row.Id));
        migrationBuilder.CreateTable(
            "Orders",
            table => new { Id = Key(table), CustomerId = table.Column<int>(nullable: false) },
            constraints: table =>
            {
                table.PrimaryKey("PK_Orders", row => row.Id);
                table.ForeignKey("FK_Orders_Customers_CustomerId", row => row.CustomerId, "Customers", "Id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("IX_Orders_CustomerId", "Orders", "CustomerId");
    }

    protected override void BuildTargetModel(ModelBuilder modelBuilder) => ShopModel.AtInitial(modelBuilder);
}
