using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Shop;

/// <summary>A column of the parent is altered: on SQLite its table is rebuilt.</summary>
[DbContext(typeof(ShopContext))]
[Migration("20260103120000_RequireName")]
public sealed class RequireName : ShopMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AlterColumn<string>(
            "Name", "Customers", maxLength: 100, nullable: false, defaultValue: "", oldClrType: typeof(string), oldNullable: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AlterColumn<string>(
            "Name", "Customers", nullable: true, oldClrType: typeof(string), oldMaxLength: 100);
    }

    protected override void BuildTargetModel(ModelBuilder modelBuilder) => ShopModel.AtRequiredName(modelBuilder);
}
