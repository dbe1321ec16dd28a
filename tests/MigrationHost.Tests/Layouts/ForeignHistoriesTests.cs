using MigrationHost.Databases;
using MigrationHost.Layouts;

namespace MigrationHost.Tests.Layouts;

public sealed class ForeignHistoriesTests
{
    [Theory]
    [InlineData("schema_migrations(version dirty)", "golang-migrate")]
    [InlineData("schema_migrations(version inserted_at)", "Ecto")]
    [InlineData("schema_migrations(version) ar_internal_metadata(key value)", "Rails Rails")]
    [InlineData("schema_migrations(version)", "dbmate or Rails")]
    [InlineData("schema_migration(version)", "pop")]
    [InlineData("schema_migration(version version_self)", "pop")]
    [InlineData("schema_version(version)", "tern")]
    [InlineData("schema_version(installed_rank version)", "Flyway")]
    [InlineData("migrations(id name hash executed_at)", "postgres-migrations")]
    [InlineData("migrations(id migration batch)", "Laravel")]
    [InlineData("migrations(id timestamp name)", "TypeORM")]
    [InlineData("goose_db_version(id)", "goose")]
    [InlineData("gorp_migrations(id)", "sql-migrate")]
    [InlineData("pgmigrations(id)", "node-pg-migrate")]
    [InlineData("__diesel_schema_migrations(version)", "Diesel")]
    [InlineData("_prisma_migrations(id)", "Prisma")]
    [InlineData("__drizzle_migrations(id)", "Drizzle")]
    [InlineData("flyway_schema_history(version)", "Flyway")]
    [InlineData("refinery_schema_history(version)", "refinery")]
    [InlineData("_sqlx_migrations(version)", "sqlx")]
    [InlineData("atlas_schema_revisions(version)", "Atlas")]
    [InlineData("alembic_version(version_num)", "Alembic")]
    [InlineData("__EFMigrationsHistory(MigrationId)", "Entity Framework")]
    [InlineData("DATABASECHANGELOG(ID) DATABASECHANGELOGLOCK(ID)", "Liquibase Liquibase")]
    [InlineData("db_migrations(Version Name)", "morph")]
    [InlineData("CHANGELOG(ID APPLIED_AT DESCRIPTION)", "MyBatis Migrations")]
    [InlineData("django_migrations(id)", "Django")]
    [InlineData("knex_migrations(id)", "Knex")]
    [InlineData("migrations(id title)", "")]
    [InlineData("changelog(id note)", "")]
    [InlineData("orders(id)", "")]
    public void Another_tools_history_is_known_by_its_table_and_columns(string tables, string tools)
    {
        var histories = ForeignHistories.Find([.. tables.Split(") ").Select(Table)]);

        Assert.Equal(tools, string.Join(' ', histories.Select(history => history.Tool)));
    }

    private static ExistingTable Table(string spec)
    {
        var parts = spec.TrimEnd(')').Split('(');
        return new ExistingTable(parts[0], parts[1].Split(' '));
    }
}
