using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Shop;

/// <summary>A column of the parent is dropped.</summary>
[DbContext(typeof(ShopContext))]
[Migration("20260104120000_DropEmail")]
public sealed class DropEmail : ShopMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropColumn("Email", "Customers");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("Email", "Customers", nullable: true);
    }

    protected override void BuildTargetModel(ModelBuilder modelBuilder) => ShopModel.AtNoEmail(modelBuilder);
}
