using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Small;

/// <summary>Two migrations in the SQL of any database.</summary>
public sealed class TwoStepsContext(DbContextOptions<TwoStepsContext> options) : SmallContext(options);

[DbContext(typeof(TwoStepsContext))]
[Migration("20260101120000_First")]
public sealed class First : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("CREATE TABLE first (id INT)");
        migrationBuilder.Sql("INSERT INTO first VALUES (1)");
    }
}

[DbContext(typeof(TwoStepsContext))]
[Migration("20260102120000_Second")]
public sealed class Second : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE first ADD name VARCHAR(10)");
}

/// <summary>Its second migration fails in the database.</summary>
public sealed class BrokenSecondContext(DbContextOptions<BrokenSecondContext> options) : SmallContext(options);

[DbContext(typeof(BrokenSecondContext))]
[Migration("20260101120000_Works")]
public sealed class Works : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE first (id INT)");
}

[DbContext(typeof(BrokenSecondContext))]
[Migration("20260102120000_BrokenSecond")]
public sealed class BrokenSecond : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("INSERT INTO nowhere VALUES (1)");
}
