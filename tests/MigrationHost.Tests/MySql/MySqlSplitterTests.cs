using System.Text.RegularExpressions;
using MigrationHost.Databases.MySql;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

[Collection(MariaDbServer.Collection)]
public sealed partial class MySqlSplitterTests(MariaDbServer server)
{
    /// <summary>What the server's own client sends is what we send: it prints each statement with -vv.</summary>
    public static TheoryData<string> Corpus => new(
        "SELECT 1; SELECT 2;",
        "SELECT 1;\n\n-- a comment; not a statement\nSELECT 'a;b', \"c;d\", `e;f` FROM (SELECT 1 AS `e;f`) AS x",
        "SELECT 'it''s; ', 'it\\'s; ', '\\\\'; SELECT 2",
        "SELECT 1 # a comment; with a ' quote\n; SELECT 2 -- another; one\n;",
        "SELECT 5--1; SELECT 5-- 1\n-1;",
        "SELECT 1 /* a ; b */ + 2; /* alone; */ SELECT 3;",
        "SELECT /*! 1 + */ 1; /*!50000 SELECT 2 */; /*M!100100 SELECT 3 */;",
        "DELIMITER //\nSELECT 1; //\nDELIMITER ;\nSELECT 2;",
        "delimiter $$\nCREATE OR REPLACE PROCEDURE p()\nBEGIN\n  SELECT 1;\n  IF 1 THEN SELECT 2; END IF;\nEND$$\ndelimiter ;\nSELECT 3;",
        "SELECT 1;SELECT 'ä€😀';\nSELECT 3",
        "USE mysql\nSELECT DATABASE();",
        "SELECT 1;\n;\n;SELECT 2;",
        "SELECT 1\\G\nSELECT 2\\g SELECT \\N, '\\G';",
        "--Create tables; all of them\nSELECT 1; --on the line of another; one\n  --indented;\nSELECT 2;\n--",
        "SELECT 1\n--1;\nSELECT 2 --2;",
        "CREATE TABLE event (id INT, begin DATETIME);\nCREATE INDEX event_begin ON event (begin);\nSELECT begin FROM event;\nSELECT 1;",
        "CREATE TRIGGER t BEFORE INSERT ON ev FOR EACH ROW SET NEW.begin = NOW(), NEW.end = NEW.begin;\nSELECT 1;",
        "CREATE FUNCTION f() RETURNS INT RETURN (SELECT MIN(begin) FROM event);\nSELECT 1;",
        "CREATE VIEW v AS SELECT id, event, begin FROM event;\nSELECT 1;",
        "DELIMITER //\nBEGIN NOT ATOMIC IF 1 THEN SELECT 1; END IF; WHILE 0 DO SELECT 2; END WHILE; END//\nDELIMITER ;\nSELECT 3;",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN UPDATE ev SET end = 1; SELECT MAX(end) FROM ev; END//\nDELIMITER ;\nSELECT 3;",
        "DELIMITER //\nALTER EVENT e DO BEGIN SELECT 1; SELECT 2; END//\nDELIMITER ;\nSELECT 3;",
        "DELIMITER //\nSET STATEMENT max_statement_time = 9 FOR CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//\nDELIMITER ;\nSELECT 3;",
        "DELIMITER //\nSET STATEMENT max_statement_time = 9 FOR BEGIN NOT ATOMIC SELECT 1; SELECT 2; END//\nDELIMITER ;\nSELECT 3;");

    [Theory]
    [MemberData(nameof(Corpus))]
    public async Task A_script_is_cut_as_the_servers_own_client_cuts_it(string script)
    {
        var client = server.Client("--default-character-set=utf8mb4", "-vv", "-f");
        await client.WriteLineAsync(script);
        client.CloseInput();
        await client.ExitAsync();
        var theirs = Sent().Matches(client.Output).Select(match => Plain(match.Groups["sql"].Value)).Where(sql => sql.Length > 0);

        var ours = MySqlSplitter.Split(script, escapes: true, (line, what, _) => Assert.Fail($"{line}: {what}"));

        Assert.Equal(theirs, ours.Where(statement => !statement.Begins("USE")).Select(statement => Plain(statement.Text)));
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData("CREATE PROCEDURE p() BEGIN DECLARE x INT; IF 1 THEN SET x = 1; END IF; WHILE 0 DO SET x = 2; END WHILE; END; SELECT 1;", 2)]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = CASE WHEN 1 THEN 2 END; CASE 1 WHEN 1 THEN SET @a = 1; END CASE; END; SELECT 1;", 2)]
    [InlineData("CREATE FUNCTION f() RETURNS INT RETURN CASE WHEN 1 THEN 2 END; SELECT 1;", 2)]
    [InlineData("BEGIN NOT ATOMIC SELECT 1; BEGIN SELECT 2; END; END; SELECT 1;", 2)]
    [InlineData("CREATE TABLE begin_of (id INT); INSERT INTO begin_of VALUES (1);", 2)]
    [InlineData("CREATE PROCEDURE a() BEGIN l: LOOP LEAVE l; END LOOP; END; SELECT 1;", 2)]
    [InlineData("CREATE PROCEDURE p() BEGIN UPDATE ev SET end = 1, `begin` = 2; SELECT MAX(end) AS begin FROM ev; SET @end = 1; END; SELECT 1;", 2)]
    [InlineData("CREATE EVENT begin ON SCHEDULE EVERY 1 DAY DO DELETE FROM begin; SELECT 1;", 2)]
    [InlineData("ALTER EVENT e ON SCHEDULE AT NOW() + INTERVAL 1 DAY DO BEGIN SELECT 1; SELECT 2; END; SELECT 1;", 2)]
    [InlineData("ALTER EVENT e DISABLE; ALTER PROCEDURE p SQL SECURITY INVOKER; SELECT 1;", 3)]
    [InlineData("SET STATEMENT max_statement_time = 1 FOR CREATE PROCEDURE p() BEGIN SELECT 1; END; SELECT 1;", 2)]
    [InlineData("SET STATEMENT max_statement_time = 1 FOR BEGIN NOT ATOMIC SELECT 1; END; SELECT 1;", 2)]
    [InlineData("BEGIN NOT ATOMIC IF 1 THEN SELECT 1; ELSEIF 2 THEN SELECT 2; ELSE BEGIN SELECT 3; END; END IF; END; SELECT 1;", 2)]
    [InlineData("IF 1 THEN SELECT 1; END IF; SELECT 1;", 2)]
    [InlineData("CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLSTATE VALUE '23000', NOT FOUND, 1062 BEGIN SELECT 1; END; DECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET @begin = 1; SELECT 2; END; SELECT 1;", 2)]
    [InlineData("CREATE PROCEDURE p() BEGIN DECLARE handler CURSOR FOR SELECT begin FROM ev; OPEN handler; END; SELECT 1;", 2)]
    [InlineData("CREATE PROCEDURE p() BEGIN IF CASE 1 WHEN 1 THEN end END THEN SELECT 1; END IF; REPEAT SET @i = 1; UNTIL CASE WHEN end THEN end ELSE 1 END END REPEAT; END; SELECT 1;", 2)]
    [InlineData("CREATE PROCEDURE p() BEGIN WHILE do < 3 DO SET do = IF(do, REPEAT('1', 2), 3); END WHILE; END; SELECT 1;", 2)]
    [InlineData("CREATE PROCEDURE p() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; FOR r IN (SELECT 1 AS x) DO SELECT r.x; END FOR; END; SELECT 1;", 2)]
    [InlineData("CREATE DEFINER = `root`@`%` PROCEDURE IF NOT EXISTS begin() COMMENT 'a;b' SQL SECURITY INVOKER l: BEGIN SELECT 1; END l; SELECT 1;", 2)]
    [InlineData("CREATE OR REPLACE DEFINER=event@my-host.com FUNCTION f(a INT) RETURNS VARCHAR(9) CHARACTER SET utf8mb4 NO SQL l: BEGIN RETURN 1; END; SELECT 1;", 2)]
    [InlineData("CREATE AGGREGATE FUNCTION f(x INT) RETURNS INT BEGIN LOOP FETCH GROUP NEXT ROW; END LOOP; END; SELECT 1;", 2)]
    [InlineData("CREATE FUNCTION f RETURNS STRING SONAME 'f.so'; SELECT 1;", 2)]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW FOLLOWS begin BEGIN SELECT 1; END; SELECT 1;", 2)]
    [InlineData("/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END */; SELECT 1;", 2)]
    [InlineData("CREATE TABLE begin (end INT); INSERT INTO begin VALUES (1); SELECT end, begin.end FROM begin;", 3)]
    [InlineData("BEGIN; INSERT INTO a VALUES (1); COMMIT;", 3)]
    [InlineData("BEGIN WORK; INSERT INTO a VALUES (1); COMMIT;", 3)]
    public void A_body_needs_no_delimiter(string script, int statements) =>
        Assert.Equal(statements, MySqlSplitter.Split(script, escapes: true, (_, _, _) => { }).Count);

    /// <summary>Under sql_mode=ORACLE.</summary>
    [Theory]
    [InlineData("CREATE PROCEDURE p(a IN INT) AS x INT; BEGIN IF x THEN NULL; ELSIF x THEN NULL; END IF; WHILE x LOOP x := 1; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END p; SELECT 1;", 2)]
    [InlineData("CREATE FUNCTION f RETURN INT IS BEGIN RETURN 1; END; SELECT 1;", 2)]
    [InlineData("CREATE PACKAGE k AS FUNCTION f RETURN INT; PROCEDURE q(a INT); END; SELECT 1;", 2)]
    [InlineData("CREATE PACKAGE BODY k AS v INT; FUNCTION f RETURN INT AS BEGIN RETURN v; END; PROCEDURE q(a INT) AS BEGIN v := a; END; BEGIN v := 7; END; SELECT 1;", 2)]
    [InlineData("BEGIN INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); END; SELECT 1;", 2)]
    [InlineData("<<l>> BEGIN INSERT INTO t VALUES (1); <<m>> FOR i IN 1..3 LOOP NULL; END LOOP; END; SELECT 1;", 2)]
    [InlineData("DECLARE x INT := 5; BEGIN INSERT INTO t VALUES (x); END; SELECT 1;", 2)]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW DECLARE x INT; BEGIN :NEW.end := x; END; SELECT 1;", 2)]
    public void A_body_of_the_other_grammar_is_kept_together(string script, int statements) =>
        Assert.Equal(statements, MySqlSplitter.Split(script, escapes: true, (_, _, _) => { }).Count);

    [Theory]
    [InlineData("INSERT INTO a VALUES (1); COMMIT; CREATE TABLE b (id INT)//", 3)]
    [InlineData("CREATE PROCEDURE a() BEGIN l: LOOP LEAVE l; END LOOP; END; DO 1; CREATE TABLE c (id INT); //SELECT 1//", 4)]
    [InlineData("CREATE TABLE event (begin INT); CREATE INDEX i ON event (begin); DO 1//SELECT 1//", 4)]
    [InlineData("SELECT ';', `;` /* ; */;\n-- ;\nSELECT 2;//SELECT 3//", 3)]
    [InlineData("DROP PROCEDURE IF EXISTS p; CREATE PROCEDURE p() BEGIN SELECT 1; BEGIN SELECT 2; END; END; CALL p()//", 3)]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1; SELECT 1//", 2)]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.x THEN BEGIN SET @a = 1; END; SET @b = 1; END IF; //SELECT 1//", 2)]
    [InlineData("CREATE PROCEDURE p() FOR i IN 1..3 DO SELECT i; SELECT 2; END FOR//SELECT 1//", 2)]
    [InlineData("CREATE PROCEDURE p AS x INT; BEGIN SELECT 1; END; //SELECT 1//", 2)]
    [InlineData("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN SELECT 1; SELECT 2; END//", 1)]
    [InlineData("IF 1 THEN SELECT 1; SELECT 2; END IF//SELECT 1//", 2)]
    [InlineData("LOOP SELECT 1; SELECT 2; END LOOP//SELECT 1//", 2)]
    [InlineData("BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 1//", 2)]
    public void Up_to_another_delimiter_a_script_is_cut_as_the_server_cuts_it(string script, int statements) =>
        Assert.Equal(statements, MySqlSplitter.Split($"DELIMITER //\n{script}", escapes: true, (_, _, _) => { }).Count);

    [Fact]
    public void Without_backslash_escapes_a_backslash_is_itself() =>
        Assert.Equal(2, MySqlSplitter.Split("SELECT 'a\\'; SELECT 2;", escapes: false, (_, _, _) => { }).Count);

    [Theory]
    [InlineData(true, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; SELECT 2;", 3)]
    [InlineData(true, "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES'); SELECT 'a\\'; SET sql_mode = ''; SELECT 'a\\'; b';", 4)]
    [InlineData(true, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SET sql_mode = DEFAULT; SELECT 'a\\'; b';", 3)]
    [InlineData(true, "SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; b';", 2)]
    [InlineData(false, "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */; SELECT 'a\\'; b'; SET SQL_MODE=@OLD_SQL_MODE; SELECT 'a\\'; SELECT 2;", 5)]
    [InlineData(true, "SET @@GLOBAL.sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; b';", 2)]
    [InlineData(false, "SET sql_mode = ORACLE; SELECT 'a\\'; b';", 2)]
    [InlineData(true, "SET sql_mode = 1048576; SELECT 'a\\'; SET sql_mode = 4; SELECT 'a\\'; b';", 4)]
    [InlineData(true, "SET @m = 'NO_BACKSLASH_ESCAPES', @n = @@sql_mode; SET sql_mode = @m; SELECT 'a\\'; SET sql_mode = @n; SELECT 'a\\'; b';", 5)]
    [InlineData(true, "SET @m = 'SET sql_mode = NO_BACKSLASH_ESCAPES', @sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; b';", 2)]
    [InlineData(false, "SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES'); SELECT 'a\\'; SELECT 2;", 3)]
    public void What_a_backslash_means_follows_the_sql_mode_that_the_script_sets(bool escapes, string script, int statements) =>
        Assert.Equal(statements, MySqlSplitter.Split(script, escapes, (line, what, _) => Assert.Fail($"{line}: {what}")).Count);

    [Theory]
    [InlineData("SELECT 1;\nsource other.sql\n")]
    [InlineData("SELECT 1;\n\\. other.sql\n")]
    [InlineData("SELECT 1;\nDELIMITER\n")]
    [InlineData("SELECT 1;\nexit\nSELECT 2;")]
    [InlineData("SELECT 1;\nwarnings;\nSELECT 2;")]
    [InlineData("SELECT 1;\nSELECT 2\\c\nSELECT 3;")]
    public void What_only_the_client_knows_is_a_problem_with_its_line(string script)
    {
        var lines = new List<int>();
        MySqlSplitter.Split(script, escapes: true, (line, _, _) => lines.Add(line));
        Assert.Equal([2], lines);
    }

    [Theory]
    [InlineData("SELECT 1;\nSELECT 'a;\nSELECT \"b\";", "a string begins here and does not end")]
    [InlineData("SELECT 1;\nSELECT `a;\nSELECT 2;", "a quoted name begins here and does not end")]
    [InlineData("SELECT 1;\n/* a;\nSELECT 2;", "a comment begins here and does not end")]
    public void What_does_not_end_is_a_problem_with_the_line_on_which_it_begins(string script, string problem)
    {
        var problems = new List<string>();
        MySqlSplitter.Split(script, escapes: true, (line, what, _) => problems.Add($"{line}: {what}"));
        Assert.StartsWith($"2: {problem}", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static string Plain(string sql) => Blanks().Replace(Comments().Replace(sql, " "), " ").Trim();

    [GeneratedRegex(@"-{14}\n(?<sql>.*?)\n-{14}\n", RegexOptions.Singleline)]
    private static partial Regex Sent();

    // The client sends no comments of its own.
    [GeneratedRegex(@"(#|-- )[^\n]*(\n|$)|/\*[^!M].*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
