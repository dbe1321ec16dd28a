using System.Text;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Layouts;
using MigrationHost.Platform;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>What undoes a migration, as each layout keeps it.</summary>
public sealed class DownPartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(MigrationLayout.GolangMigrate, "000001_a.up.sql 000001_b.down.sql", "000001_b.down.sql")]
    [InlineData(MigrationLayout.Morph, "000001_a.up.sql 000001_a.down.sql", "000001_a.down.sql")]
    [InlineData(MigrationLayout.Sqlx, "1_a.up.sql 1_a.down.sql", "1_a.down.sql")]
    [InlineData(MigrationLayout.Sqlx, "1_a.sql", null)]
    [InlineData(MigrationLayout.GolangMigrate, "1_a.up.sql 2_a.down.sql", null)]
    [InlineData(MigrationLayout.Diesel, "1_a/up.sql 1_a/down.sql", "1_a/down.sql")]
    [InlineData(MigrationLayout.Diesel, "1_a/up.sql", null)]
    [InlineData(MigrationLayout.Flyway, "V1.0__a.sql more/U1__b.sql", "more/U1__b.sql")]
    [InlineData(MigrationLayout.Prisma, "1_a/migration.sql", null)]
    [InlineData(MigrationLayout.Refinery, "V1__a.sql U2__b.sql", null)]
    public void A_file_beside_it_undoes_it(MigrationLayout layout, string files, string? down)
    {
        foreach (var name in files.Split(' '))
            _folder.Write($"migrations/{name}", $"-- {name}\r\n");

        var found = Read(layout)[0].Down();

        Assert.Equal(down is null ? null : $"migrations/{down}", found?.File);
        Assert.Equal(down is null ? null : $"-- {down}\n", TextOf(found));
    }

    [Theory]
    [InlineData(MigrationLayout.Goose, "-- +goose Up\nA;\n-- +goose Down\nB;\n", "\n\n-- +goose Down\nB;\n")]
    [InlineData(MigrationLayout.Goose, "-- +goose Up\nA;\n-- +goose Down\n", "\n\n-- +goose Down\n")]
    [InlineData(MigrationLayout.Goose, "-- +goose Up\nA;\n", null)]
    [InlineData(MigrationLayout.Goose, "-- +goose ENVSUB ON\n-- +goose Up\n-- +goose Down\nDROP $X;\n", "\n\n-- +goose Down\nDROP x;\n")]
    [InlineData(MigrationLayout.Dbmate, "-- migrate:up\nA;\n\n-- migrate:down\nB;\n", "\n\n\n-- migrate:down\nB;\n")]
    [InlineData(MigrationLayout.Dbmate, "-- migrate:up\nA;\n", null)]
    public void A_part_of_its_own_file_undoes_it_at_the_lines_of_the_file(MigrationLayout layout, string text, string? down)
    {
        _folder.Write("migrations/1_a.sql", text);

        var found = Read(layout)[0].Down();

        Assert.Equal(down, TextOf(found) is { } read ? Trimmed(read) : null);
        Assert.Equal(down is null ? null : "migrations/1_a.sql", found?.File);
    }

    [Fact]
    public void Its_own_mark_says_whether_a_transaction_is_around_it()
    {
        _folder.Write("migrations/1_a.sql", "-- migrate:up\nA;\n-- migrate:down transaction:false\nB;\n");

        var migration = Read(MigrationLayout.Dbmate)[0];

        Assert.False(migration.Header.WithoutTransaction);
        Assert.True(migration.Down()!.Header.WithoutTransaction);
    }

    [Fact]
    public void Parts_whose_order_is_not_known_forbid_it()
    {
        _folder.Write("migrations/1_a.sql", "-- migrate:up\nA;\n-- migrate:down\nB;\n-- migrate:up\nC;\n-- migrate:down\nD;\n");

        Assert.Contains("several parts", Assert.Single(Read(MigrationLayout.Dbmate)[0].Down()!.Findings).What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_placeholder_without_a_value_forbids_it_and_not_the_way_up()
    {
        _folder.Write("migrations/V1__a.sql", "A;");
        _folder.Write("migrations/U1__a.sql", "-- one\nDROP ${gone};");

        var migration = Read(MigrationLayout.Flyway)[0];

        Assert.Empty(migration.Findings);
        Assert.Equal(("migrations/U1__a.sql", 2), Assert.Single(migration.Down()!.Findings) is var found ? (found.File, found.Line) : default);
    }

    [Fact]
    public void One_that_is_no_text_forbids_it()
    {
        _folder.Write("migrations/1_a.up.sql", "A;");
        File.WriteAllBytes(_folder["migrations/1_a.down.sql"], [0xFF, 0xFE, 0x41]);

        Assert.Contains("UTF-16", Assert.Single(Read(MigrationLayout.Sqlx)[0].Down()!.Findings).What, StringComparison.Ordinal);
    }

    private IReadOnlyList<Migration> Read(MigrationLayout layout)
    {
        var placeholders = new Dictionary<string, string> { ["X"] = "x" };
        var site = new LayoutSite(Known.Files("migrations", _folder["migrations"]), SqliteDialect.Instance, new HistoryPlace(), placeholders);
        var set = new LayoutChoice(layout, site).Read(new FilesInHand(TimeProvider.System));
        Assert.Empty(set.Problems);
        return set.Migrations;
    }

    private static string? TextOf(Migration? down) => down is null ? null : Encoding.UTF8.GetString(down.ReadText().Utf8);

    // What is not of the part is blank.
    private static string Trimmed(string text) => string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
}
