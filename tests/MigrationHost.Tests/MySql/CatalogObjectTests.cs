using MigrationHost.Databases.MySql;

namespace MigrationHost.Tests.MySql;

public sealed class CatalogObjectTests
{
    [Theory]
    [InlineData("CREATE TABLE IF NOT EXISTS a (id INT, x INT AS (id + 1), CHECK (id > 0))", "TABLE", null, "a")]
    [InlineData("CREATE TABLE `shop`.`order lines` LIKE b", "TABLE", "shop", "order lines")]
    [InlineData("ALTER ONLINE TABLE a ADD COLUMN x INT, ALGORITHM=INPLACE, LOCK=NONE", "TABLE", null, "a")]
    [InlineData("ALTER TABLE a RENAME TO b", "TABLE", null, "a")]
    [InlineData("RENAME TABLE a TO b", "TABLE", null, "a")]
    [InlineData("DROP TABLE IF EXISTS a", "TABLE", null, "a")]
    [InlineData("CREATE UNIQUE INDEX i USING BTREE ON d.a (x)", "TABLE", "d", "a")]
    [InlineData("DROP INDEX IF EXISTS i ON a", "TABLE", null, "a")]
    [InlineData("CREATE ALGORITHM = MERGE DEFINER = `me`@`here` SQL SECURITY INVOKER VIEW v AS SELECT 1", "VIEW", null, "v")]
    [InlineData("CREATE ALGORITHM = UNDEFINED DEFINER = shop_app@10.0.100.101 SQL SECURITY INVOKER VIEW IF NOT EXISTS d.v AS SELECT 1", "VIEW", "d", "v")]
    [InlineData("CREATE DEFINER = app@db.table.example PROCEDURE p() SELECT 1", "PROCEDURE", null, "p")]
    [InlineData("ALTER VIEW v AS SELECT 2", "VIEW", null, "v")]
    [InlineData("DROP VIEW v", "VIEW", null, "v")]
    [InlineData("CREATE DEFINER=me@here PROCEDURE p() SELECT 1", "PROCEDURE", null, "p")]
    [InlineData("DROP FUNCTION IF EXISTS f", "FUNCTION", null, "f")]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1", "TRIGGER", null, "t")]
    [InlineData("DROP TRIGGER d.t", "TRIGGER", "d", "t")]
    public void One_object_whose_definition_shows_the_effect_is_settled_by_the_catalog(string sql, string kind, string? schema, string name) =>
        Assert.Equal(new CatalogObject(kind, schema, name), CatalogObject.Of(Read(sql)));

    [Theory]
    [InlineData("DROP TABLE a, missing")]
    [InlineData("DROP VIEW a, b")]
    [InlineData("RENAME TABLE a TO b, c TO d")]
    [InlineData("TRUNCATE TABLE a")]
    [InlineData("ALTER TABLE a FORCE")]
    [InlineData("ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b")]
    [InlineData("ALTER TABLE a TRUNCATE PARTITION p")]
    [InlineData("CREATE TABLE a AS SELECT 1")]
    [InlineData("CREATE TABLE a (id INT) SELECT 1 AS id")]
    [InlineData("CREATE TABLE a (SELECT 1 AS id)")]
    [InlineData("CREATE OR REPLACE TABLE a (id INT)")]
    [InlineData("CREATE OR REPLACE VIEW v AS SELECT 1")]
    [InlineData("GRANT SELECT ON a TO b")]
    [InlineData("CREATE DATABASE d")]
    [InlineData("CREATE USER u")]
    [InlineData("CALL p()")]
    public void Everything_else_is_left_to_a_human(string sql) => Assert.Null(CatalogObject.Of(Read(sql)));

    private static MySqlStatement Read(string sql) => Assert.Single(MySqlSplitter.Split(sql, escapes: true, (_, _, _) => { }));
}
