using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Small;

/// <summary>Its model has a table that no migration makes.</summary>
public sealed class DriftedContext(DbContextOptions<DriftedContext> options) : SmallContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity("Drifted", entity => entity.Property<int>("Id"));
}

[DbContext(typeof(DriftedContext))]
[Migration("20260101120000_Before")]
public sealed class Before : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE before (id INTEGER)");
}

[DbContext(typeof(DriftedContext))]
public sealed class DriftedContextModelSnapshot : ModelSnapshot
{
    protected override void BuildModel(ModelBuilder modelBuilder)
    {
    }
}

/// <summary>It begins a transaction as soon as it is made.</summary>
public sealed class BeginningContext : SmallContext
{
    public BeginningContext(DbContextOptions<BeginningContext> options) : base(options) => Database.BeginTransaction();
}

/// <summary>What a <see cref="TenantContext"/> is made with.</summary>
public sealed class Tenant(string name)
{
    public string Name => name;
}

/// <summary>Its constructor needs another service of the scope.</summary>
public sealed class TenantContext(DbContextOptions<TenantContext> options, Tenant tenant) : SmallContext(options)
{
    public Tenant Tenant => tenant;
}

[DbContext(typeof(TenantContext))]
[Migration("20260101120000_Tenants")]
public sealed class Tenants : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE tenants (id INTEGER)");
}

/// <summary>Its migration was made for another provider than SQLite.</summary>
public sealed class MismatchedContext(DbContextOptions<MismatchedContext> options) : SmallContext(options);

[DbContext(typeof(MismatchedContext))]
[Migration("20260101120000_ForSqlServer")]
public sealed class ForSqlServer : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "things", table => new { Id = table.Column<int>("int", nullable: false).Annotation("SqlServer:Identity", "1, 1") });
}
