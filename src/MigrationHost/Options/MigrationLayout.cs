namespace MigrationHost;

/// <summary>Whose folder <see cref="DatabaseOptions.Migrations"/> is, and so in whose table the history is kept.</summary>
public enum MigrationLayout
{
    /// <summary>What the folder and the database show; a start that cannot tell ends with exit code 7 and names what fits.</summary>
    Auto,

    /// <summary>Our own: <c>&lt;version&gt;_&lt;description&gt;.sql</c>, history in <c>migrationhost_history</c>.</summary>
    Own,

    /// <summary>golang-migrate: <c>1_x.up.sql</c>, history in <c>schema_migrations</c> (version, dirty).</summary>
    GolangMigrate,

    /// <summary>sqlx: <c>1_x.sql</c> or <c>1_x.up.sql</c>, history in <c>_sqlx_migrations</c>.</summary>
    Sqlx,

    /// <summary>goose: <c>1_x.sql</c> with <c>-- +goose Up</c>, history in <c>goose_db_version</c>.</summary>
    Goose,

    /// <summary>dbmate: <c>1_x.sql</c> with <c>-- migrate:up</c>, history in <c>schema_migrations</c> (version).</summary>
    Dbmate,

    /// <summary>Diesel: <c>1_x/up.sql</c>, history in <c>__diesel_schema_migrations</c>.</summary>
    Diesel,

    /// <summary>Prisma: <c>1_x/migration.sql</c>, history in <c>_prisma_migrations</c>.</summary>
    Prisma,

    /// <summary>Drizzle: <c>0000_x.sql</c> with <c>meta/_journal.json</c>, history in <c>__drizzle_migrations</c>.</summary>
    Drizzle,

    /// <summary>Flyway: <c>V1__x.sql</c> and <c>R__x.sql</c>, history in <c>flyway_schema_history</c>.</summary>
    Flyway,

    /// <summary>refinery: <c>V1__x.sql</c>, history in <c>refinery_schema_history</c>.</summary>
    Refinery,

    /// <summary>morph: <c>1_x.up.sql</c>, history in <c>db_migrations</c>.</summary>
    Morph,
}
