using System.Text;
using MigrationHost.Databases.Sqlite;

namespace MigrationHost.Tests.Scripts;

public sealed class SqliteSplitterTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2;", "SELECT 1;|SELECT 2;")]
    [InlineData("SELECT 1", "SELECT 1")]
    [InlineData(" ; ;-- c\n SELECT 1 ;;", "SELECT 1 ;")]
    [InlineData("SELECT ';'; SELECT \"a;b\", [c;d], `e;f`;", "SELECT ';';|SELECT \"a;b\", [c;d], `e;f`;")]
    [InlineData("SELECT 'it''s; fine'; SELECT 2;", "SELECT 'it''s; fine';|SELECT 2;")]
    [InlineData("SELECT 1 -- ; no\n; SELECT /* ; */ 2;", "SELECT 1 -- ; no\n;|SELECT /* ; */ 2;")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END; SELECT 3;", "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;|SELECT 3;")]
    [InlineData("create temp trigger t after insert on a begin select case 1 when 1 then 2 end; end;select 3", "create temp trigger t after insert on a begin select case 1 when 1 then 2 end; end;|select 3")]
    [InlineData("EXPLAIN CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; SELECT 3;", "EXPLAIN CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;|SELECT 3;")]
    [InlineData("CREATE TABLE trigger_log (a); SELECT 1;", "CREATE TABLE trigger_log (a);|SELECT 1;")]
    [InlineData("", "")]
    public void Statements_end_where_sqlite_ends_them(string script, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(script);

        Assert.Equal(expected, string.Join('|', SqliteSplitter.Split(bytes).Select(range => Encoding.UTF8.GetString(bytes[range]))));
    }
}
