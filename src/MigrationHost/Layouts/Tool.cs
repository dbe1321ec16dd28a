namespace MigrationHost.Layouts;

/// <summary>Other migration tools, by the names that messages use.</summary>
internal static class Tool
{
    public const string Alembic = "Alembic";
    public const string Aerich = "Aerich";
    public const string Atlas = "Atlas";
    public const string Dbmate = "dbmate";
    public const string DbMigrate = "db-migrate";
    public const string DbUp = "DbUp";
    public const string Diesel = "Diesel";
    public const string Django = "Django";
    public const string Doctrine = "Doctrine";
    public const string Drizzle = "Drizzle";
    public const string DrizzleOne = "Drizzle 1";
    public const string Ecto = "Ecto";
    public const string EntityFramework = "Entity Framework";
    public const string Evolve = "Evolve";
    public const string FluentMigrator = "FluentMigrator";
    public const string Flyway = "Flyway";
    public const string FlywayOrRefinery = "Flyway or refinery";
    public const string GooseInGo = "goose, in Go";
    public const string GolangMigrate = "golang-migrate";
    public const string Goose = "goose";
    public const string Grate = "grate";
    public const string GrateOrRoundhouse = "grate or RoundhousE";
    public const string Knex = "Knex";
    public const string Kysely = "Kysely";
    public const string Laravel = "Laravel";
    public const string Liquibase = "Liquibase";
    public const string Morph = "morph";
    public const string MyBatis = "MyBatis Migrations";
    public const string NodePgMigrate = "node-pg-migrate";
    public const string NodeTools = "Knex, TypeORM, Sequelize or node-pg-migrate";
    public const string Phinx = "Phinx";
    public const string PhpTools = "Laravel, Phinx or Doctrine";
    public const string Play = "Play Evolutions";
    public const string Pop = "pop";
    public const string PostgresMigrations = "postgres-migrations";
    public const string Postgrator = "Postgrator";
    public const string Prisma = "Prisma";
    public const string PrismaOrDrizzle = "Prisma or Drizzle";
    public const string Rails = "Rails";
    public const string Refinery = "refinery";
    public const string Sequelize = "Sequelize";
    public const string SqlMigrate = "sql-migrate";
    public const string Sqitch = "Sqitch";
    public const string Sqlx = "sqlx";
    public const string Tern = "tern";
    public const string TypeOrm = "TypeORM";
    public const string Yoyo = "yoyo";

    /// <summary>A pair of files for a migration; more than one tool writes them.</summary>
    public const string UpDownPairs = "golang-migrate, sqlx and others";

    /// <summary>Up and down in one file, by a tool that is not known by name.</summary>
    public const string Unknown = "another tool";

    /// <summary>Where a reader finds what to do about each tool.</summary>
    public const string Page = "docs/coming-from.md";

    /// <summary>What to do with what another tool is to run.</summary>
    public static string RunIt(string tool)
    {
        var setting = KnownLayouts.Setting(tool) is { } layout ? $"{layout}, or " : "";
        return $"{setting}run {(tool == Unknown ? "that tool" : tool)} with Engine: Command ({Page})";
    }
}
