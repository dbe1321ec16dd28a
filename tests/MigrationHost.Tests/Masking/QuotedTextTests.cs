using MigrationHost.Databases;
using MigrationHost.Databases.MySql;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using Npgsql;

namespace MigrationHost.Tests.Masking;

/// <summary>An error quotes the statement or a row, which can have a password in them.</summary>
public sealed class QuotedTextTests
{
    [Theory]
    [InlineData("to use near 'IDENTIFID BY 'Zq7xKw9v'' at line 1", "'", "to use near 'IDENTIFID…' at line 1")]
    [InlineData("to use near ''Zq7xKw9v'' at line 1", "'", "to use near '…' at line 1")]
    [InlineData("to use near ') ENGINE=InnoDB' at line 3", "'", "to use near ')…' at line 3")]
    [InlineData("to use near '`users` SET x' at line 3", "'", "to use near '`users`…' at line 3")]
    [InlineData("to use near '' at line 1", "'", "to use near '' at line 1")]
    [InlineData("syntax error at or near \"'Zq7xKw9v'\"", "\"", "syntax error at or near \"…\"")]
    [InlineData("syntax error at or near \"E'Zq7xKw9v'\"", "\"", "syntax error at or near \"…\"")]
    [InlineData("unterminated dollar-quoted string at or near \"$a$Zq7xKw9v\"", "\"", "unterminated dollar-quoted string at or near \"…\"")]
    [InlineData("syntax error at or near \"FORM\"", "\"", "syntax error at or near \"FORM\"")]
    [InlineData("syntax error at end of input", "\"", "syntax error at end of input")]
    [InlineData("near \"'Zq7xKw9v'\": syntax error", "\"", "near \"…\": syntax error")]
    [InlineData("near \".\": syntax error", "\"", "near \".\": syntax error")]
    [InlineData("unrecognized token: \"'Zq7xKw9v);\nSELECT 1;\"", "\"", "unrecognized token: \"…\"")]
    [InlineData("Syntaxfehler bei »'Zq7xKw9v'«", QuotedText.AnyQuote, "Syntaxfehler bei »…«")]
    [InlineData("Syntaxfehler bei »FORM«", QuotedText.AnyQuote, "Syntaxfehler bei »FORM«")]
    [InlineData("erreur de syntaxe sur ou près de « 'Zq7xKw9v' »", QuotedText.AnyQuote, "erreur de syntaxe sur ou près de «…»")]
    [InlineData("ошибка синтаксиса (примерное положение: \"'Zq7xKw9v'\")", QuotedText.AnyQuote, "ошибка синтаксиса (примерное положение: \"…\")")]
    [InlineData("语法错误 在 „Zq7 xKw9v“ 或附近的", QuotedText.AnyQuote, "语法错误 在 „Zq7…“ 或附近的")]
    [InlineData("構文エラー 「'Zq7xKw9v'」", QuotedText.AnyQuote, "構文エラー 「…」")]
    public void Of_what_it_quotes_one_word_or_sign_is_left(string message, string quotes, string shown) =>
        Assert.Equal(shown, QuotedText.OneWord(message, quotes));

    [Theory]
    [InlineData("22P02", "invalid input syntax for type integer: \"Zq7\"xKw9v\"", "invalid input syntax for type integer: \"…\"")]
    [InlineData("22P02", "ungültige Eingabesyntax für Typ integer: »Zq7xKw9v«", "ungültige Eingabesyntax für Typ integer: »…«")]
    [InlineData("22003", "value \"99999999999\" is out of range for type integer", "value \"…\" is out of range for type integer")]
    [InlineData("22023", "invalid value for integer option \"fillfactor\": Zq7xKw9v", "invalid value for integer option \"…\": …")]
    [InlineData("08006", "could not translate host name \"Zq7xKw9v@127.0.0.1\" to address: Name or service not known", "could not translate host name \"…\" to address: Name or service not known")]
    [InlineData("08001", "invalid integer value \"Zq7xKw9v\" for connection option \"port\"", "invalid integer value \"…\"")]
    [InlineData("38000", "program \"PGPASSWORD=Zq7xKw9v nosuch\" failed", "program \"…\" failed")]
    [InlineData("22001", "value too long for type character varying(3)", "value too long for type character varying(3)")]
    [InlineData("42P01", "relation \"users\" does not exist", "relation \"users\" does not exist")]
    [InlineData("23505", "duplicate key value violates unique constraint \"users_email_key\"", "duplicate key value violates unique constraint \"users_email_key\"")]
    public void PostgreSql_quotes_names_but_no_values(string state, string message, string shown) =>
        Assert.Equal(shown, PostgreSqlErrors.OfScript(new PostgresException(message, "ERROR", "ERROR", state)));

    [Theory]
    [InlineData("CREATE ROLE r PASSWORD Zq7xKw9v", "…")]
    [InlineData("CREATE USER u IDENTIFIED by\n Zq7xKw9v", "…")]
    [InlineData("SELECT 1 FORM Zq7xKw9v", "Zq7xKw9v")]
    public void A_word_in_the_place_of_a_password_is_not_shown(string statement, string shown)
    {
        var refused = new PostgresException("syntax error at or near \"Zq7xKw9v\"", "ERROR", "ERROR", PostgresErrorCodes.SyntaxError);

        Assert.Equal(
            $"syntax error at or near \"{shown}\"",
            PostgreSqlErrors.OfScript(refused, statement.AsSpan(0, statement.IndexOf("Zq7", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("CHECK constraint failed: a<>'Zq7xKw9v'", "CHECK constraint failed: a<>'…'")]
    [InlineData("CHECK constraint failed: a_is_set", "CHECK constraint failed: a_is_set")]
    [InlineData("bad JSON path: 'Zq7xKw9v'", "bad JSON path: '…'")]
    public void Sqlite_quotes_names_but_no_values(string message, string shown) =>
        Assert.Equal(shown, SqliteErrors.Describe(new SqliteFailure(1, message)));

    [Theory]
    [InlineData("23505", "Key (email)=(Zq7)xKw9v) already exists.", "Key (email)=(…) already exists.")]
    [InlineData("23503", "Key (a, b)=(1, Zq7xKw9v) is not present in table \"users\".", "Key (a, b)=(…) is not present in table \"users\".")]
    [InlineData("23502", "Failing row contains (1, null, Zq7xKw9v).", "Failing row contains (…).")]
    [InlineData("23514", "Partition key of the failing row contains (a) = (Zq7xKw9v).", "Partition key of the failing row contains (a) = (…).")]
    [InlineData("23505", "Schlüssel »(email)=(Zq7xKw9v)« existiert bereits.", "Schlüssel »(email)=(…)« existiert bereits.")]
    [InlineData("22P02", "Token \"Zq7xKw9v\" is invalid.", "Token \"…\" is invalid.")]
    [InlineData("08001", "missing \"=\" after \"Zq7xKw9v\" in connection info string", "missing \"…\" in connection info string")]
    [InlineData("2BP01", "view v depends on table users", "view v depends on table users")]
    public void The_detail_of_PostgreSql_has_names_but_no_rows(string state, string detail, string shown) =>
        Assert.Equal($"refused ({shown})", PostgreSqlErrors.OfScript(new PostgresException("refused", "ERROR", "ERROR", state, detail)));

    [Theory]
    [InlineData("CREATE USER u IDENTIFIED BY Zq7xKw9v", "Zq7xKw9v", "…")]
    [InlineData("ALTER USER u IDENTIFIED VIA x USING Zq7xKw9v OR y", "Zq7xKw9v OR y", "…")]
    [InlineData("SELECT 1 FORM users", "users", "users")]
    public void A_word_in_the_place_of_a_password_is_not_shown_on_MariaDb(string statement, string near, string shown) => Assert.Equal(
        $"You have an error in your SQL syntax; check the manual for the right syntax to use near '{shown}' at line 1",
        MySqlErrors.OfScript(1064, $"You have an error in your SQL syntax; check the manual for the right syntax to use near '{near}' at line 1", statement));

    [Theory]
    [InlineData(1062, "Duplicate entry 'Zq7'xKw9v' for key 'email'", "Duplicate entry '…' for key 'email'")]
    [InlineData(1366, "Incorrect integer value: 'Zq7xKw9v' for column `shop`.`a`.`x` at row 1", "Incorrect integer value: '…' for column `shop`.`a`.`x` at row 1")]
    [InlineData(1292, "Truncated incorrect DOUBLE value: 'Zq7xKw9v'", "Truncated incorrect DOUBLE value: '…'")]
    [InlineData(1432, "Can't create federated table. The data source connection string 'u:Zq7xKw9v@127.0.0.1:1/d/t' is not in the correct format", "Can'…' is not in the correct format")]
    [InlineData(1911, "Unknown option 'Zq7xKw9v'", "Unknown option '…'")]
    [InlineData(1406, "Data too long for column 'x' at row 1", "Data too long for column 'x' at row 1")]
    [InlineData(1146, "Table 'shop.users' doesn't exist", "Table 'shop.users' doesn't exist")]
    public void MariaDb_quotes_names_but_no_values(int code, string message, string shown) => Assert.Equal(shown, MySqlErrors.OfScript(code, message));
}
