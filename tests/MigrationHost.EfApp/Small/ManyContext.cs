using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EfApp.Small;

/// <summary>Twenty migrations, each of which fails if it runs twice.</summary>
public sealed class ManyContext(DbContextOptions<ManyContext> options) : SmallContext(options);

/// <summary>One table, and a row in the list of all.</summary>
public abstract class ManyMigration(int number) : SqlMigration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        if (number == 1)
            migrationBuilder.Sql("CREATE TABLE ran (number int)");
        migrationBuilder.Sql($"CREATE TABLE many{number} (id int)");
        migrationBuilder.Sql($"INSERT INTO ran VALUES ({number})");
    }
}

[DbContext(typeof(ManyContext))]
[Migration("20260101010000_Many1")]
public sealed class Many1() : ManyMigration(1);

[DbContext(typeof(ManyContext))]
[Migration("20260101020000_Many2")]
public sealed class Many2() : ManyMigration(2);

[DbContext(typeof(ManyContext))]
[Migration("20260101030000_Many3")]
public sealed class Many3() : ManyMigration(3);

[DbContext(typeof(ManyContext))]
[Migration("20260101040000_Many4")]
public sealed class Many4() : ManyMigration(4);

[DbContext(typeof(ManyContext))]
[Migration("20260101050000_Many5")]
public sealed class Many5() : ManyMigration(5);

[DbContext(typeof(ManyContext))]
[Migration("20260101060000_Many6")]
public sealed class Many6() : ManyMigration(6);

[DbContext(typeof(ManyContext))]
[Migration("20260101070000_Many7")]
public sealed class Many7() : ManyMigration(7);

[DbContext(typeof(ManyContext))]
[Migration("20260101080000_Many8")]
public sealed class Many8() : ManyMigration(8);

[DbContext(typeof(ManyContext))]
[Migration("20260101090000_Many9")]
public sealed class Many9() : ManyMigration(9);

[DbContext(typeof(ManyContext))]
[Migration("20260101100000_Many10")]
public sealed class Many10() : ManyMigration(10);

[DbContext(typeof(ManyContext))]
[Migration("20260101110000_Many11")]
public sealed class Many11() : ManyMigration(11);

[DbContext(typeof(ManyContext))]
[Migration("20260101120000_Many12")]
public sealed class Many12() : ManyMigration(12);

[DbContext(typeof(ManyContext))]
[Migration("20260101130000_Many13")]
public sealed class Many13() : ManyMigration(13);

[DbContext(typeof(ManyContext))]
[Migration("20260101140000_Many14")]
public sealed class Many14() : ManyMigration(14);

[DbContext(typeof(ManyContext))]
[Migration("20260101150000_Many15")]
public sealed class Many15() : ManyMigration(15);

[DbContext(typeof(ManyContext))]
[Migration("20260101160000_Many16")]
public sealed class Many16() : ManyMigration(16);

[DbContext(typeof(ManyContext))]
[Migration("20260101170000_Many17")]
public sealed class Many17() : ManyMigration(17);

[DbContext(typeof(ManyContext))]
[Migration("20260101180000_Many18")]
public sealed class Many18() : ManyMigration(18);

[DbContext(typeof(ManyContext))]
[Migration("20260101190000_Many19")]
public sealed class Many19() : ManyMigration(19);

[DbContext(typeof(ManyContext))]
[Migration("20260101200000_Many20")]
public sealed class Many20() : ManyMigration(20);
