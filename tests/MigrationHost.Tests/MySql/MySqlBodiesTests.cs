using System.Globalization;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>Statements that have others in them, and names that look as if.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlBodiesTests(MariaDbServer server)
{
    private const string Setup = "SET NAMES utf8mb4;\nCREATE TABLE ev (id INT, start INT, `begin` INT, `end` INT);\nINSERT INTO ev VALUES (1, 2, 3, 4);\n";

    [Theory]
    [InlineData("CREATE TABLE event (id INT, begin DATETIME, until DATETIME); CREATE INDEX event_begin ON event (begin); DO 1; CREATE TABLE b (id INT); INSERT INTO b VALUES (1);")]
    [InlineData("CREATE TABLE event (begin INT); CREATE INDEX i ON event (begin);\nDELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nUSE {0}\nCREATE TABLE c (id INT);")]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON ev FOR EACH ROW SET NEW.begin = NEW.start; INSERT INTO ev (id, start) VALUES (2, 7); CREATE TABLE b (id INT);")]
    [InlineData("CREATE FUNCTION f() RETURNS INT READS SQL DATA RETURN (SELECT MIN(begin) FROM ev); CREATE TABLE b AS SELECT f() AS x;")]
    [InlineData("CREATE VIEW v AS SELECT id, start AS event, begin FROM ev; CREATE TABLE b AS SELECT * FROM v;")]
    [InlineData("DELIMITER $$\nCREATE PROCEDURE a() BEGIN l: LOOP LEAVE l; END LOOP; END; DO 1; CREATE TABLE c (id INT); $$")]
    [InlineData("DELIMITER //\nBEGIN NOT ATOMIC DECLARE x INT DEFAULT 4; IF x > 3 THEN INSERT INTO ev (id) VALUES (9); END IF; WHILE x > 0 DO SET x = x - 1; INSERT INTO ev (id) VALUES (x); END WHILE; END//")]
    [InlineData("DELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON ev FOR EACH ROW BEGIN SET NEW.end = COALESCE(NEW.end, NEW.start); END//\nDELIMITER ;\nINSERT INTO ev (start) VALUES (8);")]
    [InlineData("DELIMITER //\nCREATE PROCEDURE p() BEGIN UPDATE ev SET end = 1 WHERE id = 1; UPDATE ev SET end = 2 WHERE id = 2; END//\nCALL p()//")]
    [InlineData("DELIMITER //\nCREATE FUNCTION f() RETURNS INT READS SQL DATA BEGIN DECLARE m INT; SELECT MAX(end) INTO m FROM ev; RETURN m; END//\nINSERT INTO ev (id) VALUES (f())//")]
    [InlineData("CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01' DO DELETE FROM ev;\nDELIMITER //\nALTER EVENT e DO BEGIN DELETE FROM ev WHERE id = 1; DELETE FROM ev WHERE id = 2; END//")]
    [InlineData("DELIMITER //\nSET STATEMENT max_statement_time = 100 FOR CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END//")]
    [InlineData("DELIMITER //\nSET STATEMENT max_statement_time = 100 FOR BEGIN NOT ATOMIC INSERT INTO ev (id) VALUES (1); INSERT INTO ev (id) VALUES (2); END//")]
    [InlineData("SET sql_mode = ORACLE;\nDELIMITER //\nBEGIN INSERT INTO ev (id) VALUES (1); INSERT INTO ev (id) VALUES (2); END;\n//\nDECLARE x INT := 5; BEGIN INSERT INTO ev (id) VALUES (x); END;\n//\nBEGIN <<l>> LOOP INSERT INTO ev (id) VALUES (6); EXIT l; END LOOP; END;\n//")]
    [InlineData("SET sql_mode = ORACLE;\nDELIMITER //\nCREATE PACKAGE pk AS FUNCTION f RETURN INT; PROCEDURE q(a INT); END;\n//\nCREATE PACKAGE BODY pk AS v INT := 1; FUNCTION f RETURN INT AS BEGIN RETURN v; END; PROCEDURE q(a INT) AS BEGIN v := a; END; BEGIN v := 7; END;\n//\nINSERT INTO ev (id) VALUES (pk.f())\n//")]
    [InlineData("SET sql_mode = ORACLE;\nDELIMITER //\nCREATE PROCEDURE p(a IN INT) AS x INT; BEGIN x := a; IF x > 1 THEN x := 2; ELSIF x > 0 THEN NULL; END IF; FOR i IN 1..3 LOOP x := x + i; END LOOP; WHILE x > 0 LOOP x := x - 1; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END;\n//\nCALL p(3)\n//")]
    public async Task A_script_leaves_what_it_leaves_in_the_servers_own_client(string script)
    {
        await using var theirs = new MySqlTestDatabase(server);
        await theirs.RunFileAsync(theirs.Folder.Write("1.sql", Setup + string.Format(CultureInfo.InvariantCulture, script, theirs.Name)));
        await using var ours = new MySqlTestDatabase(server);
        ours.Migration("1_all", Setup + string.Format(CultureInfo.InvariantCulture, script, ours.Name));
        await using var host = ours.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(await server.DumpAsync(theirs.Name), await server.DumpAsync(ours.Name));
    }

    [Theory]
    [InlineData("BEGIN INSERT INTO ev (id) VALUES (2);\nCOMMIT;", "must not contain BEGIN")]
    [InlineData("BEGIN; INSERT INTO ev (id) VALUES (2); END;\nINSERT INTO ev (id) VALUES (3);\nEND;", "must not contain BEGIN")]
    [InlineData("INSERT INTO ev (id) VALUES (2); END;", "must not contain END")]
    public async Task A_begin_that_is_no_block_controls_the_transaction_and_is_refused(string script, string problem)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE ev (id INT);");
        database.Migration("2_begin", script);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 1), (error?.Code, error?.Line));
        Assert.Contains(problem, error!.Message, StringComparison.Ordinal);
        Assert.Equal(0, host.Status.AppliedCount);
    }
}
