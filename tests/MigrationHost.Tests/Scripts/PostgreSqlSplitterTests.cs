using MigrationHost.Databases.PostgreSql;
using MigrationHost.Scripts;

namespace MigrationHost.Tests.Scripts;

public sealed class PostgreSqlSplitterTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2;", "1:SELECT 1|1:SELECT 2")]
    [InlineData("SELECT 1", "1:SELECT 1")]
    [InlineData(" ;\n;-- c\n SELECT 1 ;;", "3:SELECT 1")]
    [InlineData("/* a /* ; */ ; */ SELECT /* ; */ 1;\n-- ;\nSELECT 2", "1:SELECT /* ; */ 1|3:SELECT 2")]
    [InlineData("SELECT 'a;''b;\n'; SELECT 2", "1:SELECT 'a;''b;\n'|2:SELECT 2")]
    [InlineData("SELECT E'a\\';'; SELECT 'b\\'; SELECT 3", "1:SELECT E'a\\';'|1:SELECT 'b\\'|1:SELECT 3")]
    [InlineData("SELECT e'\\\\'; SELECT U&'\\0041;', U&\"d\\0061;\"; SELECT 3", "1:SELECT e'\\\\'|1:SELECT U&'\\0041;', U&\"d\\0061;\"|1:SELECT 3")]
    [InlineData("SELECT \"a;\"\"b;\"; SELECT 2", "1:SELECT \"a;\"\"b;\"|1:SELECT 2")]
    [InlineData("SELECT $$a;'b$$; SELECT $x$ $$;$y$ $x$; SELECT 3", "1:SELECT $$a;'b$$|1:SELECT $x$ $$;$y$ $x$|1:SELECT 3")]
    [InlineData("PREPARE p AS SELECT $1; SELECT a$b$c; SELECT $ü$;$ü$", "1:PREPARE p AS SELECT $1|1:SELECT a$b$c|1:SELECT $ü$;$ü$")]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", "1:CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)|1:SELECT 3")]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END; SELECT 3", "1:CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END|1:SELECT 3")]
    [InlineData("create or replace procedure p(a int)\nbegin atomic\n insert into t values (a);\nend;\nselect 3", "1:create or replace procedure p(a int)\nbegin atomic\n insert into t values (a);\nend|5:select 3")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$; SELECT 3", "1:CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$|1:SELECT 3")]
    [InlineData("SELECT CASE WHEN true THEN 1 END; SELECT 2", "1:SELECT CASE WHEN true THEN 1 END|1:SELECT 2")]
    [InlineData("SELECT 1 -- the last", "1:SELECT 1 -- the last")]
    [InlineData("-- nothing\n/* at all */", "")]
    [InlineData("SELECT 'never closed; SELECT 2;", "1:SELECT 'never closed; SELECT 2;")]
    public void Statements_end_where_the_server_ends_them_and_know_their_line(string script, string expected)
    {
        var statements = PostgreSqlSplitter.Split(script, (line, message, _) => Assert.Fail($"{line}: {message}"));

        Assert.Equal(expected, string.Join('|', statements.Select(statement => $"{statement.Line}:{statement.Text}")));
    }

    [Fact]
    public void Backslashes_escape_in_every_string_where_the_server_says_so() =>
        Assert.Equal(2, PostgreSqlSplitter.Split("SELECT 'a\\'; b'; SELECT 2", (_, _, _) => { }, standardStrings: false).Count);

    [Theory]
    [InlineData("SELECT 1;\n\\i other.sql\nSELECT 2;", 2, "\\i")]
    [InlineData("SELECT 1 \\gset\n", 1, "\\gset")]
    [InlineData("\\copy t from 'x.csv'", 1, "\\copy")]
    [InlineData("SELECT 1 \\; SELECT 2;", 1, "\\;")]
    public void Commands_of_psql_are_told_with_their_line(string script, int line, string command)
    {
        List<(int Line, string Message, string Remedy)> problems = [];
        PostgreSqlSplitter.Split(script, (at, message, remedy) => problems.Add((at, message, remedy)));

        var problem = Assert.Single(problems);
        Assert.Equal(line, problem.Line);
        Assert.StartsWith(command, problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Remedy);
    }

    [Theory]
    [InlineData("BEGIN", true)]
    [InlineData("start transaction", true)]
    [InlineData("COMMIT AND CHAIN", true)]
    [InlineData("END", true)]
    [InlineData("ABORT", true)]
    [InlineData("ROLLBACK", true)]
    [InlineData("PREPARE TRANSACTION 'x'", true)]
    [InlineData("ROLLBACK TO SAVEPOINT a", false)]
    [InlineData("SAVEPOINT a", false)]
    [InlineData("PREPARE p AS SELECT 1", false)]
    [InlineData("SELECT 'COMMIT'", false)]
    [InlineData("\"begin\"", false)]
    public void Transaction_control_is_known(string statement, bool expected) =>
        Assert.Equal(expected, TransactionControl.Controls(Only(statement).Head));

    [Fact]
    public void A_carriage_return_alone_ends_a_comment() =>
        Assert.Equal(["CREATE TABLE a (id int)", "CREATE TABLE b (id int)"], PostgreSqlSplitter.Split("CREATE TABLE a (id int);\r-- more\rCREATE TABLE b (id int);", (_, _, _) => { }).Select(statement => statement.Text));

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)", "\"t\"")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.\"T x\" USING btree (a) WHERE b", "\"s\".\"T x\"")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t USING hash (a)", "\"t\"")]
    [InlineData("REINDEX INDEX CONCURRENTLY i", null)]
    public void The_table_of_an_index_is_known(string statement, string? expected) => Assert.Equal(expected, Only(statement).IndexedTable);

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)", "i")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I x\" ON ONLY s.t (a)", "I x")]
    [InlineData("create index concurrently BIG on t (a)", "big")]
    [InlineData("CREATE INDEX CONCURRENTLY ON t (a)", null)]
    public void The_name_of_an_index_is_known(string statement, string? expected)
    {
        Assert.True(Only(statement).BuildsIndexConcurrently);
        Assert.Equal(expected, Only(statement).IndexName);
    }

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY i ON t (a)", true)]
    [InlineData("DROP INDEX CONCURRENTLY i", true)]
    [InlineData("REINDEX TABLE CONCURRENTLY t", true)]
    [InlineData("VACUUM (FULL) t", true)]
    [InlineData("CREATE DATABASE d", true)]
    [InlineData("ALTER SYSTEM SET work_mem = '1MB'", true)]
    [InlineData("CREATE INDEX i ON t (a)", false)]
    [InlineData("ALTER TYPE mood ADD VALUE 'fine'", false)]
    [InlineData("COMMENT ON TABLE t IS 'VACUUM'", false)]
    public void What_cannot_run_in_a_transaction_is_known(string statement, bool expected) => Assert.Equal(expected, Only(statement).NeedsNoTransaction);

    private static PostgreSqlStatement Only(string statement) => Assert.Single(PostgreSqlSplitter.Split(statement, (_, message, _) => Assert.Fail(message)));
}
