using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

public sealed class SampleTests
{
    [Theory]
    [InlineData("golang-migrate", "GolangMigrate", "schema_migrations")]
    [InlineData("morph", "Morph", "db_migrations")]
    [InlineData("sqlx", "Sqlx", "_sqlx_migrations")]
    [InlineData("goose", "Auto", "goose_db_version")]
    [InlineData("dbmate", "Auto", "schema_migrations")]
    [InlineData("diesel", "Auto", "__diesel_schema_migrations")]
    [InlineData("prisma", "Auto", "_prisma_migrations")]
    [InlineData("drizzle", "Auto", "__drizzle_migrations")]
    [InlineData("flyway", "Flyway", "flyway_schema_history")]
    [InlineData("refinery", "Refinery", "refinery_schema_history")]
    public async Task Every_folder_in_samples_layouts_is_migrated_as_its_tools(string folder, string layout, string table)
    {
        await using var database = new SqliteTestDatabase();
        var path = Path.Combine(MigrationHostProgram.Repository, "samples/layouts", folder);
        await using var host = database.Host(("Databases:app:Migrations", path), ("Databases:app:Layout", layout));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM orders"));
        Assert.NotEqual("0", await database.QueryAsync($"SELECT count(*) FROM {table}"));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name = 'migrationhost_history'"));
    }
}
