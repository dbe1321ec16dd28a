using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Shop;

/// <summary>A column, an index, and rows.</summary>
[DbContext(typeof(ShopContext))]
[Migration("20260102120000_AddNotes")]
public sealed class AddNotes : ShopMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("Note", "Orders", nullable: true);
        migrationBuilder.CreateIndex("IX_Orders_Note", "Orders", "Note");
        migrationBuilder.InsertData("Customers", ["Id", "Name", "Email"], [101, "Ada;\r\n-- '", "ada@example.org"]);
        migrationBuilder.InsertData("Orders", ["Id", "CustomerId", "Note"], [201, 101, "first"]);
        migrationBuilder.InsertData("Orders", ["Id", "CustomerId", "Note"], [202, 101, "second"]);
    }

    protected override void BuildTargetModel(ModelBuilder modelBuilder) => ShopModel.AtNotes(modelBuilder);
}
