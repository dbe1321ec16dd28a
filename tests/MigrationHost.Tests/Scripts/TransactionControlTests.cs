using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Layouts;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Scripts;

public sealed class TransactionControlTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("BEGIN;\nCREATE TABLE a (x int);\nCOMMIT;", 1, true)]
    [InlineData("-- why\nBEGIN TRANSACTION; /* a */ CREATE TABLE a (x int); END TRANSACTION; -- done", 1, true)]
    [InlineData("begin work;\nCREATE TABLE a (x int);\ncommit work", 1, true)]
    [InlineData("START TRANSACTION;\nCREATE TABLE a (x int);\nEND;", 1, true)]
    [InlineData("BEGIN;\nSAVEPOINT s;\nROLLBACK TO SAVEPOINT s;\nRELEASE SAVEPOINT s;\nCOMMIT;", 3, true)]
    [InlineData("BEGIN;COMMIT;", 0, true)]
    [InlineData("-- nothing to do on this database", 0, false)]
    [InlineData("CREATE TABLE begin_commit (x int); SELECT 'BEGIN; COMMIT;'; -- ; COMMIT;", 2, false)]
    public void A_plain_pair_around_the_whole_script_is_left_out(string text, int statements, bool pair)
    {
        var (script, content) = Script(text);

        var postgreSql = PostgreSqlScript.Parse(script, content, true, History);
        var sqlite = SqliteStatements.Of(script, content);

        Assert.Empty(postgreSql.Refusals);
        Assert.Empty(sqlite.Refusals);
        Assert.Equal((statements, statements), (postgreSql.All.Count, sqlite.Count));
        Assert.Equal(Enumerable.Range(1, statements), postgreSql.All.Select(statement => statement.Number));
        Assert.DoesNotContain(postgreSql.All, statement => TransactionControl.Controls(statement.Head));
        Assert.Equal(pair ? 1 : 0, sqlite.Notes.Count);
        Assert.Equal(sqlite.Notes, postgreSql.Notes);
    }

    [Theory]
    [InlineData("CREATE TABLE a (x int);\nBEGIN;\nCOMMIT;", 2)]
    [InlineData("BEGIN;\nCOMMIT;\nCREATE TABLE a (x int);", 1)]
    [InlineData("BEGIN;\nCREATE TABLE a (x int);", 1)]
    [InlineData("CREATE TABLE a (x int);\nCOMMIT;", 2)]
    [InlineData("BEGIN;\nROLLBACK;", 1)]
    [InlineData("BEGIN;\nCOMMIT;\nBEGIN;\nCOMMIT;", 1)]
    [InlineData("BEGIN IMMEDIATE;\nCREATE TABLE a (x int);\nCOMMIT;", 1)]
    [InlineData("BEGIN ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE a (x int);\nCOMMIT;", 1)]
    [InlineData("BEGIN;\nCREATE TABLE a (x int);\nCOMMIT AND CHAIN;", 1)]
    [InlineData("COMMIT;\nBEGIN;", 1)]
    [InlineData("-- migrationhost: transaction=none\nBEGIN;\nCREATE TABLE a (x int);\nCOMMIT;", 2)]
    [InlineData("-- migrationhost: transaction=none\nCREATE TABLE a (x int);\nSAVEPOINT s;\nROLLBACK TO s;", 3)]
    [InlineData("-- migrationhost: transaction=none\nCREATE TABLE a (x int);\nROLLBACK TO SAVEPOINT s;", 3)]
    [InlineData("-- migrationhost: transaction=none\nRELEASE s;", 2)]
    [InlineData("\n/* BEGIN */ SELECT 1;\n\nROLLBACK;", 4)]
    public void Anything_else_is_refused_with_its_line(string text, int line)
    {
        var (script, content) = Script(text);

        Assert.Equal(line, Assert.Single(PostgreSqlScript.Parse(script, content, true, History).Refusals).Line);
        var refusal = Assert.Single(SqliteStatements.Of(script, content).Refusals);
        Assert.Equal((MigrationErrorCode.MigrationFailed, line), (refusal.Code, refusal.Line));
        Assert.StartsWith($"migrations/1_a.sql:{line}: must not contain ", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.Hint);
    }

    [Theory]
    [InlineData("PRAGMA foreign_keys=OFF;\nBEGIN;\nCREATE TABLE a (x);\nCOMMIT;\nPRAGMA foreign_keys = ON;", 3, null)]
    [InlineData("PRAGMA main.foreign_keys(0);\nBEGIN;\nCREATE TABLE a (x);\nCOMMIT;", 2, null)]
    [InlineData("PRAGMA journal_mode=wal;\nBEGIN;\nCREATE TABLE a (x);\nCOMMIT;", 4, 2)]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = 1; END;\nSELECT 1;", 2, null)]
    [InlineData("BEGIN;\nCREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE x WHEN 1 THEN 2 END; END;\nEND;", 1, null)]
    public void What_only_sqlite_has_is_understood(string text, int statements, int? refused)
    {
        var (script, content) = Script(text);

        var read = SqliteStatements.Of(script, content);

        Assert.Equal((statements, refused), (read.Count, read.Refusals.SingleOrDefault()?.Line));
    }

    [Theory]
    [InlineData("BEGIN;\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;\nCOMMIT;", 1, null)]
    [InlineData("DO $$ BEGIN COMMIT; END $$;", 1, null)]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;", 1, 1)]
    [InlineData("SELECT 1;\nPREPARE TRANSACTION 'x';", 2, 2)]
    [InlineData("ABORT;", 1, 1)]
    public void What_only_postgresql_has_is_understood(string text, int statements, int? refused)
    {
        var (script, content) = Script(text);

        var read = PostgreSqlScript.Parse(script, content, true, History);

        Assert.Equal((statements, refused), (read.All.Count, read.Refusals.SingleOrDefault()?.Line));
    }

    private static PostgreSqlHistory History => new(OwnHistory.Form, "public");

    private (Migration Script, ScriptText Text) Script(string text)
    {
        _folder.Write("1_a.sql", text);
        var script = Assert.Single(new ScriptFolder(Known.Files("migrations", _folder.Path), SqlSyntax.Sqlite).Read().Migrations);
        return (script, script.ReadText());
    }
}
