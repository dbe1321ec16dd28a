using System.Text;
using MigrationHost.Layouts;
using MigrationHost.Scripts;

namespace MigrationHost.Tests.Layouts;

public sealed class FileMarksTests
{
    [Theory]
    [InlineData("-- migrate:up\nCREATE TABLE a (x);\n\n-- migrate:down\nDROP TABLE a;", "dbmate", 4)]
    [InlineData("-- migrate:up transaction:false\nSELECT 1;\n--migrate:down transaction:false\nSELECT 2;", "dbmate", 3)]
    [InlineData("-- migrate:up\nCREATE TABLE a (x);", "dbmate", 1)]
    [InlineData("-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE a;", "goose", 5)]
    [InlineData("--+goose UP\nSELECT 1;\n--  +goose down\nSELECT 2;", "goose", 3)]
    [InlineData("-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM;", "goose", 2)]
    [InlineData("-- +migrate Up\nSELECT 1;\n-- +migrate Down notransaction\nSELECT 2;", "sql-migrate", 3)]
    [InlineData("-- Up Migration\nSELECT 1;\n\n-- Down Migration\nSELECT 2;", "node-pg-migrate", 4)]
    [InlineData("  ---- up   migration: more\nSELECT 1;\n--down migration\nSELECT 2;", "node-pg-migrate", 3)]
    [InlineData("-- Down Migration\nSELECT 2;\n-- Up Migration\nSELECT 1;", "node-pg-migrate", 1)]
    [InlineData("SELECT 1;\n\n---- create above / drop below ----\n\nDROP TABLE a;", "tern", 3)]
    [InlineData("--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--rollback DROP TABLE a;", "Liquibase", 4)]
    [InlineData("\n-- Liquibase Formatted SQL logicalFilePath:x\n--changeset a:1\nSELECT 1;\n/* liquibase rollback\nDROP TABLE a;\n*/", "Liquibase", 5)]
    [InlineData("--liquibase formatted sql\n--changeset a:1\nSELECT 1;", "Liquibase", 1)]
    [InlineData("--// create\nSELECT 1;\n--//@UNDO\nDROP TABLE a;", "MyBatis Migrations", 3)]
    [InlineData("SELECT 1;\n-- //@UNDO\n-- SQL to undo the change goes here.\nDROP TABLE a;", "MyBatis Migrations", 2)]
    [InlineData("-- rambler up\nSELECT 1;\n-- rambler down\nDROP TABLE a;", "rambler", 3)]
    [InlineData("-- +micrate Up\nSELECT 1;\n-- +micrate Down\nDROP TABLE a;", "micrate", 3)]
    [InlineData("--- !Ups\nSELECT 1;\n--- !Downs\nDROP TABLE a;", "Play Evolutions", 3)]
    [InlineData("-- upgrade --\nSELECT 1;\n-- downgrade --\nDROP TABLE a;", "Aerich", 3)]
    [InlineData("-- ==== UP ====\nSELECT 1;\n-- ==== DOWN ====\nDROP TABLE a;", "another tool", 3)]
    [InlineData("\uFEFF-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;", "goose", 3)]
    public void Two_halves_in_one_file_are_told_with_the_tool_and_the_line(string text, string tool, int line)
    {
        Assert.All([SqlSyntax.Sqlite, SqlSyntax.PostgreSql, SqlSyntax.MySql], syntax =>
        {
            var finding = Find(text, syntax);

            Assert.Equal((tool, "migrations/1_a.sql", line), (finding?.Kind, finding?.File, finding?.Line));
            Assert.Contains(tool, finding!.What, StringComparison.Ordinal);
            Assert.Contains("Keep only the up part", finding.Remedy, StringComparison.Ordinal);
            Assert.Contains("Engine: Command", finding.Remedy, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Sqlite", "/* see src/*.go */\n{0}")]
    [InlineData("Sqlite", "CREATE TABLE [it's] (x);\n{0}")]
    [InlineData("Sqlite", "CREATE TABLE `it's` (x);\n{0}")]
    [InlineData("Sqlite", "INSERT INTO a VALUES ('a\\', $x$);\n{0}")]
    [InlineData("MySql", "INSERT INTO a VALUES ('it\\'s');\n{0}")]
    [InlineData("MySql", "INSERT INTO a VALUES (\"it\\\"s\");\n{0}")]
    [InlineData("MySql", "INSERT INTO a VALUES ('C:\\');\n{0}")]
    [InlineData("MySql", "# don't\n{0}")]
    [InlineData("MySql", "SELECT `it's`;\n{0}")]
    [InlineData("MySql", "/* see src/*.go */\n{0}")]
    [InlineData("MySql", "DELIMITER $$\nCREATE PROCEDURE p() BEGIN END $$\nCREATE PROCEDURE q() BEGIN END $$\nDELIMITER ;\n{0}")]
    [InlineData("MySql", "SELECT 5--'1';\n{0}")]
    [InlineData("PostgreSql", "SELECT E'it\\'s';\n{0}")]
    [InlineData("PostgreSql", "SELECT ARRAY['a'][1], 1 # 2, '`';\n{0}")]
    [InlineData("PostgreSql", "/* /* ' */ */\n{0}")]
    public void What_only_one_database_takes_for_a_string_or_a_comment_hides_no_mark(string provider, string before)
    {
        var syntax = provider switch { "MySql" => SqlSyntax.MySql, "PostgreSql" => SqlSyntax.PostgreSql, _ => SqlSyntax.Sqlite };
        string[] marks =
        [
            "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;",
            "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;",
            "-- // a\nSELECT 1;\n-- //@UNDO\nSELECT 2;",
            "-- rambler up\nSELECT 1;\n-- rambler down\nSELECT 2;",
        ];

        Assert.All(marks, text => Assert.Equal(
            3 + before.Count(letter => letter == '\n'),
            Find(before.Replace("{0}", text, StringComparison.Ordinal), syntax)?.Line));
    }

    [Theory]
    [InlineData("-- Migration Up", "-- Migration Down")]
    [InlineData("-- MIGRATION UP", "-- MIGRATION DOWN (rollback)")]
    [InlineData("-- migrate up", "-- migrate down")]
    [InlineData("-- UPGRADE", "-- ROLLBACK")]
    [InlineData("-- up", "-- downgrade")]
    [InlineData("-- Ups", "-- Down")]
    [InlineData("-- Up Migration", "-- Down")]
    [InlineData("-- Up", "-- Down Migration")]
    [InlineData("-- UP: create users", "-- DOWN: drop users")]
    [InlineData("-- 1 up", "-- 1 down")]
    [InlineData("--1up", "--1down")]
    [InlineData("-- 2 up (...you can comment freely here...)", "-- 2 down")]
    [InlineData("-- rambler up", "-- down")]
    [InlineData("-- forward", "-- backward")]
    [InlineData("# --- !Ups", "# --- !Downs")]
    public void Words_for_two_halves_are_a_pair_however_they_are_decorated(string up, string down) =>
        Assert.All([SqlSyntax.Sqlite, SqlSyntax.PostgreSql, SqlSyntax.MySql], syntax =>
            Assert.Equal(3, Find($"{up}\nCREATE TABLE a (x);\n{down}\nDROP TABLE a;", syntax)?.Line));

    [Theory]
    [InlineData("--liquibase formatted\n--changeset a:1\nSELECT 1;")]
    [InlineData("-- liquibase  formatted  sql\n--changeset a:1\nSELECT 1;")]
    [InlineData("--liquibaseformatted sql\n--changeset a:1\nSELECT 1;")]
    public void The_first_line_of_liquibase_is_read_as_its_parser_reads_it(string text) =>
        Assert.Equal("Liquibase", Find(text, SqlSyntax.PostgreSql)?.Kind);

    [Theory]
    [InlineData("CREATE TABLE a (x);")]
    [InlineData("-- Down migration: restore the backup\nDROP TABLE a;")]
    [InlineData("-- migrate:down\nDROP TABLE a;")]
    [InlineData("SELECT 1;\n--rollback DROP TABLE a;")]
    [InlineData("-- not the first line\n--liquibase formatted sql\n--rollback x")]
    [InlineData("INSERT INTO a VALUES ('\n-- +goose Up\n-- +goose Down\n');")]
    [InlineData("/*\n-- +goose Up\n-- +goose Down\n*/ SELECT 1;")]
    [InlineData("/* /* */\n-- migrate:up\n-- migrate:down\n*/ SELECT 1;")]
    [InlineData("SELECT $body$\n-- migrate:up\n-- migrate:down\n$body$;")]
    [InlineData("SELECT E'\\'\n-- migrate:up\n-- migrate:down\n';")]
    [InlineData("SELECT \"\n-- migrate:up\n-- migrate:down\n\";")]
    [InlineData("  -- +goose Up\nSELECT 1;\n  -- +goose Down\nSELECT 2;")]
    [InlineData("SELECT 1; -- migrate:up\nSELECT 2; -- migrate:down")]
    [InlineData("-- migrate:upwards\n-- migrate:downwards")]
    [InlineData("-- we go up migration by migration\n-- down migration: none")]
    [InlineData("-- down\nSELECT 1;\n-- up\nSELECT 2;")]
    [InlineData("-- up\nSELECT 1;\n-- down: nothing, restore the backup\n")]
    [InlineData("-- Up Migration\nSELECT 1;\n/* more */\n-- down\n")]
    [InlineData("-- roll up\nSELECT 1;\n-- drill down\nSELECT 2;")]
    [InlineData("-- what goes up\nSELECT 1;\n-- must come down\nSELECT 2;")]
    [InlineData("--> statement-breakpoint\nSELECT 1;")]
    [InlineData("--")]
    [InlineData("'")]
    [InlineData("/*")]
    [InlineData("$")]
    [InlineData("")]
    public void What_its_tool_would_not_take_for_a_mark_is_none(string text) =>
        Assert.Null(Find(text, SqlSyntax.PostgreSql));

    private static ScriptFinding? Find(string text, SqlSyntax syntax) =>
        FileMarks.Find("migrations/1_a.sql", ScriptText.Read(Encoding.UTF8.GetBytes(text), syntax, (_, _) => { })!);
}
