using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Small;

/// <summary>A context whose migrations say what a test is about.</summary>
public abstract class SmallContext(DbContextOptions options) : DbContext(options);

/// <summary>No model: what its migrations do is SQL.</summary>
public abstract class SqlMigration : Migration
{
    protected override void BuildTargetModel(ModelBuilder modelBuilder)
    {
    }
}

/// <summary>Its second migration throws before it has said anything.</summary>
public sealed class ThrowingContext(DbContextOptions<ThrowingContext> options) : SmallContext(options);

[DbContext(typeof(ThrowingContext))]
[Migration("20260101120000_Fine")]
public sealed class Fine : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE fine (id INTEGER)");
}

[DbContext(typeof(ThrowingContext))]
[Migration("20260102120000_Throwing")]
public sealed class Throwing : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => throw new FormatException("not a date");
}

/// <summary>Its only migration has an error in its second command.</summary>
public sealed class FailingContext(DbContextOptions<FailingContext> options) : SmallContext(options);

[DbContext(typeof(FailingContext))]
[Migration("20260101120000_Failing")]
public sealed class Failing : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("CREATE TABLE first (id INTEGER) -- a comment at the end");
        migrationBuilder.Sql("INSERT INTO first VALUES (1);\nINSERT INTO nowhere VALUES (2);");
    }
}

/// <summary>It has no migrations.</summary>
public sealed class EmptyContext(DbContextOptions<EmptyContext> options) : SmallContext(options);

/// <summary>Two of its migrations have one id.</summary>
public sealed class TwiceContext(DbContextOptions<TwiceContext> options) : SmallContext(options);

[DbContext(typeof(TwiceContext))]
[Migration("20260101120000_Twice")]
public sealed class Twice : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
    }
}

[DbContext(typeof(TwiceContext))]
[Migration("20260101120000_Twice")]
public sealed class TwiceAgain : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
    }
}

/// <summary>A second context for the same database.</summary>
public sealed class BlogContext(DbContextOptions<BlogContext> options) : SmallContext(options);

[DbContext(typeof(BlogContext))]
[Migration("20260101130000_Posts")]
public sealed class Posts : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE posts (id INTEGER)");
}

/// <summary>What cannot run in a transaction on SQLite.</summary>
public sealed class VacuumContext(DbContextOptions<VacuumContext> options) : SmallContext(options);

[DbContext(typeof(VacuumContext))]
[Migration("20260101120000_Vacuum")]
public sealed class Vacuum : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("CREATE TABLE kept (id INTEGER)");
        migrationBuilder.Sql("VACUUM", suppressTransaction: true);
    }
}

/// <summary>What cannot run in a transaction on PostgreSQL.</summary>
public sealed class ConcurrentContext(DbContextOptions<ConcurrentContext> options) : SmallContext(options);

[DbContext(typeof(ConcurrentContext))]
[Migration("20260101120000_Table")]
public sealed class Table : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TABLE big (id int)");
}

[DbContext(typeof(ConcurrentContext))]
[Migration("20260102120000_Index")]
public sealed class ConcurrentIndex : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("CREATE INDEX CONCURRENTLY ix_big ON big (id)", suppressTransaction: true);
}

[DbContext(typeof(ConcurrentContext))]
[Migration("20260103120000_Mood")]
public sealed class Mood : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("CREATE TYPE mood AS ENUM ('fine')");
}
