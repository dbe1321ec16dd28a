using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EfShop.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class TidyUp : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("VACUUM", suppressTransaction: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {

        }
    }
}
