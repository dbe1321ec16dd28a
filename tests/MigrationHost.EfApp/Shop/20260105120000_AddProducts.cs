using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Shop;

/// <summary>Another parent: on SQLite a foreign key rebuilds the child.</summary>
[DbContext(typeof(ShopContext))]
[Migration("20260105120000_AddProducts")]
public sealed class AddProducts : ShopMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("ProductId", "Orders", nullable: true);
        migrationBuilder.CreateTable(
            "Products",
            table => new { Id = Key(table), Name = table.Column<string>(nullable: false) },
            constraints: table => table.PrimaryKey("PK_Products", row => row.Id));
        migrationBuilder.CreateIndex("IX_Orders_ProductId", "Orders", "ProductId");
        migrationBuilder.AddForeignKey("FK_Orders_Products_ProductId", "Orders", "ProductId", "Products", principalColumn: "Id");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropForeignKey("FK_Orders_Products_ProductId", "Orders");
        migrationBuilder.DropTable("Products");
        migrationBuilder.DropIndex("IX_Orders_ProductId", "Orders");
        migrationBuilder.DropColumn("ProductId", "Orders");
    }

    protected override void BuildTargetModel(ModelBuilder modelBuilder) => ShopModel.AtProducts(modelBuilder);
}
