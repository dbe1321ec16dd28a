using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EfShop.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class TrimNames : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("UPDATE \"Customers\" SET \"Name\" = trim(\"Name\")");
            migrationBuilder.Sql("UPDATE \"Products\" SET \"Name\" = trim(\"Name\")");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {

        }
    }
}
