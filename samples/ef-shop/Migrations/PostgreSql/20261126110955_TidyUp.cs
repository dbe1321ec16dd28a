using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EfShop.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class TidyUp : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("CREATE INDEX CONCURRENTLY \"IX_Orders_PlacedAt_Customer\" ON \"Orders\" (\"PlacedAt\", \"CustomerId\")", suppressTransaction: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {

        }
    }
}
