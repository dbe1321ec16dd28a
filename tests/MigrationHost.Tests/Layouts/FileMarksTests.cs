using System.Text;
using MigrationHost.Layouts;

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
        var finding = FileMarks.Find("migrations/1_a.sql", Encoding.UTF8.GetBytes(text));

        Assert.Equal((tool, "migrations/1_a.sql", line), (finding?.Kind, finding?.File, finding?.Line));
        Assert.Contains(tool, finding!.What, StringComparison.Ordinal);
        Assert.Contains("Keep only the up part", finding.Remedy, StringComparison.Ordinal);
        Assert.Contains("Engine: Command", finding.Remedy, StringComparison.Ordinal);
    }

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
    [InlineData("-- roll up\nSELECT 1;\n-- drill down\nSELECT 2;")]
    [InlineData("-- what goes up\nSELECT 1;\n-- must come down\nSELECT 2;")]
    [InlineData("--> statement-breakpoint\nSELECT 1;")]
    [InlineData("--")]
    [InlineData("'")]
    [InlineData("/*")]
    [InlineData("$")]
    [InlineData("")]
    public void What_its_tool_would_not_take_for_a_mark_is_none(string text) =>
        Assert.Null(FileMarks.Find("migrations/1_a.sql", Encoding.UTF8.GetBytes(text)));
}
