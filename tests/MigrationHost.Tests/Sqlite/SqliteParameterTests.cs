using MigrationHost.Databases.Sqlite;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

/// <summary>Nobody binds a script's parameters: SQLite would store NULL in their place and say nothing.</summary>
public sealed class SqliteParameterTests
{
    [Theory]
    [InlineData("?")]
    [InlineData("?1")]
    [InlineData(":mail")]
    [InlineData("@tenant")]
    [InlineData("$x")]
    [InlineData("$näme")]
    public async Task A_parameter_is_refused_with_its_line_before_anything_of_the_script_runs(string parameter)
    {
        foreach (var header in new[] { "", "-- migrationhost: transaction=none" })
        {
            await using var database = new SqliteTestDatabase();
            database.Migration("1_insert", $"{header}\nCREATE TABLE a (id INTEGER);\nINSERT INTO a\nVALUES ({parameter});");
            await using var host = database.Host();

            var error = await host.MigrateAsync();

            Assert.Equal((MigrationErrorCode.MigrationFailed, 4), (error?.Code, error?.Line));
            Assert.Contains($"uses the parameter {parameter}, but", error!.Message, StringComparison.Ordinal);
            Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name = 'a'"));
        }
    }

    [Theory]
    [InlineData("INSERT INTO a VALUES (':mail', \"id\", [@x], `$y`); -- ?")]
    [InlineData("SELECT '?', 'it''s :so' /* :mail @x ? */;")]
    [InlineData("SELECT a$b FROM a;")]
    [InlineData("SELECT '{\"a\":1}' -> '$.a', '{}' ->> '$.b';")]
    [InlineData("SELECT 1 - - 2 : ;")]
    public void What_stands_in_texts_names_and_comments_is_not_a_parameter(string script) =>
        Assert.Null(SqliteParameters.First(System.Text.Encoding.UTF8.GetBytes(script)));

    [Theory]
    [InlineData("SELECT 'x' WHERE 1=?;", 19, "?")]
    [InlineData("SELECT :a, :b;", 7, ":a")]
    [InlineData("-- :no\nSELECT @1;", 14, "@1")]
    public void The_first_parameter_is_found_where_it_stands(string script, int at, string name) =>
        Assert.Equal((at, name), SqliteParameters.First(System.Text.Encoding.UTF8.GetBytes(script)));
}
