using MigrationHost.Databases;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Recognises the tables in which other tools keep what they have applied.</summary>
internal static class ForeignHistories
{
    /// <summary>Tables that no other tool has.</summary>
    private static readonly Dictionary<string, string> Tools = new(StringComparer.OrdinalIgnoreCase)
    {
        [HistoryTable.Name] = OwnHistory.Form.Owner,
        ["goose_db_version"] = Tool.Goose,
        ["gorp_migrations"] = Tool.SqlMigrate,
        ["pgmigrations"] = Tool.NodePgMigrate,
        ["db_migrations"] = Tool.Morph,
        ["__diesel_schema_migrations"] = Tool.Diesel,
        ["_prisma_migrations"] = Tool.Prisma,
        ["__drizzle_migrations"] = Tool.Drizzle,
        ["flyway_schema_history"] = Tool.Flyway,
        ["refinery_schema_history"] = Tool.Refinery,
        ["_sqlx_migrations"] = Tool.Sqlx,
        ["atlas_schema_revisions"] = Tool.Atlas,
        ["alembic_version"] = Tool.Alembic,
        ["__EFMigrationsHistory"] = Tool.EntityFramework,
        ["__MigrationHistory"] = Tool.EntityFramework,
        ["databasechangelog"] = Tool.Liquibase,
        ["databasechangeloglock"] = Tool.Liquibase,
        ["django_migrations"] = Tool.Django,
        ["knex_migrations"] = Tool.Knex,
        ["kysely_migration"] = Tool.Kysely,
        ["SequelizeMeta"] = Tool.Sequelize,
        ["phinxlog"] = Tool.Phinx,
        ["doctrine_migration_versions"] = Tool.Doctrine,
        ["ar_internal_metadata"] = Tool.Rails,
        ["VersionInfo"] = Tool.FluentMigrator,
        ["SchemaVersions"] = Tool.DbUp,
        ["ScriptsRun"] = Tool.Grate,
        ["schemaversion"] = Tool.Postgrator,
        ["_yoyo_migration"] = Tool.Yoyo,
        ["yoyo_migrations"] = Tool.Yoyo,
        ["aerich"] = Tool.Aerich,
        ["play_evolutions"] = Tool.Play,
    };

    /// <summary>The tables that are another tool's history, with the tool.</summary>
    public static IReadOnlyList<(string Table, string Tool)> Find(IReadOnlyList<ExistingTable> tables) =>
    [
        .. from table in tables
           let tool = Tools.GetValueOrDefault(table.Name) ?? ByColumns(table, tables)
           where tool is not null
           select (table.Name, tool),
    ];

    // Names that several tools use, or anybody.
    private static string? ByColumns(ExistingTable table, IReadOnlyList<ExistingTable> all) => table.Name.ToLowerInvariant() switch
    {
        "schema_migrations" when Has(table, "dirty") => Tool.GolangMigrate,
        "schema_migrations" when Has(table, "inserted_at") => Tool.Ecto,
        "schema_migrations" when all.Any(other => Tools.GetValueOrDefault(other.Name) == Tool.Rails) => Tool.Rails,
        "schema_migrations" when Has(table, "version") => $"{Tool.Dbmate} or {Tool.Rails}",
        "schema_migration" when Has(table, "version") => Tool.Pop,
        "schema_version" when Has(table, "installed_rank") => Tool.Flyway,
        "schema_version" when Has(table, "version") && table.Columns.Count == 1 => Tool.Tern,
        "migrations" when Has(table, "hash", "executed_at") => Tool.PostgresMigrations,
        "migrations" when Has(table, "batch", "migration") => Tool.Laravel,
        "migrations" when Has(table, "timestamp", "name") => Tool.TypeOrm,
        "migrations" when Has(table, "name", "run_on") => Tool.DbMigrate,
        "changelog" when Has(table, "installed_by") => Tool.Evolve,
        "changelog" when Has(table, "applied_at") => Tool.MyBatis,
        "changes" when Has(table, "change_id") => Tool.Sqitch,
        _ => null,
    };

    private static bool Has(ExistingTable table, params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns)
        {
            if (!table.Columns.Contains(column, StringComparer.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }
}
