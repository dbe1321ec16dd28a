namespace MigrationHost.Tests.PostgreSql;

/// <summary>The blockages that are built: modes of locks, states of those who hold them, and kinds of statements.</summary>
internal static class Blockages
{
    private const string WithoutTransaction = "-- migrationhost: transaction=none\n";
    private const string Changes = "the uncommitted changes of its transaction";

    /// <summary>By kind. What concerns the whole server comes one after another.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Blockage>> ByKind { get; } = new Dictionary<string, IReadOnlyList<Blockage>>
    {
        ["locks on tables"] = [.. TableLocks()],
        ["rows"] = [.. Rows()],
        ["prepared transactions"] = [.. Prepared()],
        ["queues"] = [.. Queues()],
        [WholeServer] = [.. Elsewhere()],
        ["concurrently"] = [.. Concurrently()],
        ["pages in use"] = [.. Pins()],
        ["objects"] = [.. Objects()],
    };

    public const string WholeServer = "other databases";

    private static IEnumerable<Blockage> TableLocks() =>
    [
        OnTable("a reader, an ALTER TABLE", "SELECT * FROM guarded", "ALTER TABLE guarded ADD COLUMN text text", "AccessShareLock"),
        OnTable(
            "a writer, an ALTER TABLE", "INSERT INTO guarded VALUES (2)", "ALTER TABLE guarded ADD COLUMN text text",
            "RowExclusiveLock"),
        OnTable("a reader, a TRUNCATE", "SELECT * FROM guarded", "TRUNCATE guarded", "AccessShareLock"),
        OnTable("a reader, a DROP TABLE", "SELECT * FROM guarded", "DROP TABLE guarded", "AccessShareLock"),
        OnTable("a reader, a DROP INDEX", "SELECT * FROM guarded", "DROP INDEX guarded_index", "AccessShareLock"),
        OnTable(
            "a cursor, an ALTER TABLE", "DECLARE c CURSOR FOR SELECT * FROM guarded; FETCH 1 FROM c",
            "ALTER TABLE guarded ADD COLUMN text text", "AccessShareLock"),
        OnTable(
            "a savepoint, an ALTER TABLE", "SAVEPOINT s; INSERT INTO guarded VALUES (2)",
            "ALTER TABLE guarded ADD COLUMN text text", "RowExclusiveLock"),
        OnTable("a writer, a CREATE INDEX", "DELETE FROM guarded", "CREATE INDEX ON guarded (id)", "RowExclusiveLock"),
        OnTable(
            "a row that is locked, an exclusive LOCK TABLE", "SELECT * FROM guarded FOR SHARE",
            "LOCK TABLE guarded IN EXCLUSIVE MODE", "RowShareLock"),
        OnTable("LOCK TABLE SHARE, an INSERT", "LOCK TABLE guarded IN SHARE MODE", "INSERT INTO guarded VALUES (2)", "ShareLock"),
        OnTable(
            "LOCK TABLE SHARE UPDATE EXCLUSIVE, a setting", "LOCK TABLE guarded IN SHARE UPDATE EXCLUSIVE MODE",
            "ALTER TABLE guarded SET (fillfactor = 50)", "ShareUpdateExclusiveLock"),
        OnTable(
            "LOCK TABLE SHARE ROW EXCLUSIVE, a trigger", "LOCK TABLE guarded IN SHARE ROW EXCLUSIVE MODE",
            "CREATE TRIGGER t BEFORE UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "ShareRowExclusiveLock"),
        OnTable(
            "LOCK TABLE EXCLUSIVE, a row that is to be locked", "LOCK TABLE guarded IN EXCLUSIVE MODE",
            "SELECT * FROM guarded FOR UPDATE", "ExclusiveLock"),
        OnTable(
            "LOCK TABLE ACCESS EXCLUSIVE, a read", "LOCK TABLE guarded IN ACCESS EXCLUSIVE MODE",
            "CREATE TABLE copied AS SELECT * FROM guarded", "AccessExclusiveLock"),
        OnTable(
            "an ALTER TABLE, a read", "ALTER TABLE guarded ADD COLUMN text text", "CREATE TABLE copied AS SELECT * FROM guarded",
            "AccessExclusiveLock"),
        OnTable("an ANALYZE, an ANALYZE", "ANALYZE guarded", "ANALYZE guarded", "ShareUpdateExclusiveLock"),
        OnTable(
            "a comment, a comment", "COMMENT ON TABLE guarded IS 'one'", "COMMENT ON TABLE guarded IS 'two'",
            "ShareUpdateExclusiveLock"),
        OnTable(
            "a writer, a foreign key to its table", "INSERT INTO guarded VALUES (2)",
            "CREATE TABLE child (id integer REFERENCES guarded (id))", "RowExclusiveLock"),
        OnTable(
            "LOCK TABLE SHARE, a constraint that is validated", "LOCK TABLE guarded IN SHARE MODE",
            "ALTER TABLE guarded VALIDATE CONSTRAINT later", "ShareLock"),
        OnTable(
            "the history is locked whole", "LOCK TABLE migrationhost_history IN ACCESS EXCLUSIVE MODE", "SELECT 1",
            "AccessExclusiveLock", "migrationhost_history"),
        OnTable(
            "the history is locked for writing", "LOCK TABLE migrationhost_history IN SHARE MODE", "SELECT 1", "ShareLock",
            "migrationhost_history"),
        OnTable(
            "a number of a sequence, an ALTER SEQUENCE", "SELECT nextval('numbers')", "ALTER SEQUENCE numbers RESTART",
            "RowExclusiveLock", "numbers"),
        OnTable(
            "a reader of a view, another view in its place", "SELECT * FROM seen",
            "CREATE OR REPLACE VIEW seen AS SELECT id, 1 AS one FROM guarded", "AccessShareLock", "seen"),
        OnTable(
            "a reader of a materialized view, a REFRESH", "SELECT * FROM kept", "REFRESH MATERIALIZED VIEW kept",
            "AccessShareLock", "kept"),
        OnTable(
            "a REFRESH CONCURRENTLY, another one", "REFRESH MATERIALIZED VIEW CONCURRENTLY kept",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY kept", "ExclusiveLock, RowExclusiveLock", "kept"),
        OnTable(
            "a reader of a partition, a DETACH", "SELECT * FROM part", "ALTER TABLE parted DETACH PARTITION part",
            "AccessShareLock", "part"),
        OnTable(
            "a catalog is locked, a CREATE FUNCTION", "LOCK TABLE pg_proc IN SHARE MODE",
            "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "ShareLock", "pg_proc"),
        OnTable(
            "an advisory lock of a transaction", "SELECT pg_advisory_xact_lock(42)", "SELECT pg_advisory_xact_lock(42)",
            "ExclusiveLock", "advisory lock 42"),
        OnTable(
            "an advisory lock of two numbers", "SELECT pg_advisory_xact_lock(4, 2)", "SELECT pg_advisory_xact_lock(4, 2)",
            "ExclusiveLock", "advisory lock 4, 2"),
        OnTable(
            "an advisory lock without a transaction", "SELECT pg_advisory_lock(42);\nCOMMIT", "SELECT pg_advisory_xact_lock(42)",
            "ExclusiveLock") with
        {
            On = "advisory lock 42", Remedy = "pg_advisory_unlock), or: select pg_terminate_backend({pid})",
        },
        new()
        {
            Name = "a long statement, an ALTER TABLE",
            Others = [new("root", "SELECT * FROM guarded", Then: "SELECT pg_sleep(100000)")],
            Migration = "ALTER TABLE guarded ADD COLUMN text text",
            Root = "root", Holds = "AccessShareLock", On = "guarded",
            Remedy = "select pg_cancel_backend({pid}); if its transaction stays open after that: select pg_terminate_backend({pid})",
        },
        new()
        {
            Name = "two readers, an ALTER TABLE",
            Others = [new("root", "SELECT * FROM guarded"), new("another", "SELECT * FROM guarded")],
            Migration = "ALTER TABLE guarded ADD COLUMN text text",
            Root = "root", Between = ["another"], Holds = "AccessShareLock", On = "guarded",
        },
    ];

    private static IEnumerable<Blockage> Rows() =>
    [
        OnTable(
            "a row that was changed, the same row", "UPDATE guarded SET id = 2", "UPDATE guarded SET id = 3", "ExclusiveLock",
            "a row of guarded"),
        OnTable(
            "a row that was deleted, the same row", "DELETE FROM guarded", "UPDATE guarded SET id = 3", "ExclusiveLock",
            "a row of guarded"),
        OnTable(
            "a row that is locked, the same row", "SELECT * FROM guarded FOR UPDATE", "DELETE FROM guarded", "ExclusiveLock",
            "a row of guarded"),
        OnTable(
            "a row that a foreign key needs, its DELETE", "INSERT INTO fixed VALUES (1)", "DELETE FROM guarded", "ExclusiveLock",
            "a row of guarded"),
        OnTable(
            "a row that was deleted, a foreign key that needs it", "DELETE FROM guarded", "INSERT INTO fixed VALUES (1)",
            "ExclusiveLock", "a row of guarded"),
        OnTable("a unique value", "INSERT INTO guarded VALUES (7)", "INSERT INTO guarded VALUES (7)", "ExclusiveLock",
            $"{Changes} to guarded"),
        OnTable(
            "a unique value, ON CONFLICT", "INSERT INTO guarded VALUES (7)",
            "INSERT INTO guarded VALUES (7) ON CONFLICT DO NOTHING", "ExclusiveLock", Changes),
        new()
        {
            Name = "a row, and another who waits for it before us",
            Others = [new("root", "UPDATE guarded SET id = 2"), new("first", "SELECT 1", Then: "UPDATE guarded SET id = 3")],
            Migration = "UPDATE guarded SET id = 4",
            Root = "root", Between = ["first"], Holds = "ExclusiveLock", On = "a row of guarded",
        },
        new()
        {
            Name = "a chain of four",
            Others =
            [
                new("root", "UPDATE four SET id = 2"),
                new("third", "UPDATE three SET id = 2", Then: "UPDATE four SET id = 3"),
                new("second", "UPDATE two SET id = 2", Then: "UPDATE three SET id = 3"),
                new("first", "SELECT * FROM guarded", Then: "UPDATE two SET id = 3"),
            ],
            Migration = "ALTER TABLE guarded ADD COLUMN text text",
            Root = "root", Between = ["first"], Holds = "ExclusiveLock", On = "a row of four",
        },
    ];

    private static IEnumerable<Blockage> Prepared() =>
    [
        OfNobody(
            "a prepared transaction with a table", "LOCK TABLE guarded IN ROW EXCLUSIVE MODE",
            "ALTER TABLE guarded ADD COLUMN text text", "RowExclusiveLock", "guarded"),
        OfNobody(
            "a prepared transaction with a row", "UPDATE guarded SET id = 2", "UPDATE guarded SET id = 3", "ExclusiveLock",
            "a row of guarded"),
        OfNobody(
            "a prepared transaction with a unique value", "INSERT INTO guarded VALUES (7)", "INSERT INTO guarded VALUES (7)",
            "ExclusiveLock", Changes),
        OfNobody(
            "a prepared transaction with an advisory lock", "SELECT pg_advisory_xact_lock(42)", "SELECT pg_advisory_xact_lock(42)",
            "ExclusiveLock", "advisory lock 42"),
        OfNobody(
            "a prepared transaction, CREATE INDEX CONCURRENTLY", "UPDATE guarded SET id = 2",
            $"{WithoutTransaction}CREATE INDEX CONCURRENTLY later ON guarded (id)", "", ""),
        OfNobody(
            "a prepared transaction behind somebody who waits", "SELECT * FROM guarded",
            "CREATE TABLE copied AS SELECT * FROM guarded", "", "") with
        {
            Others =
            [
                new("root", "SELECT * FROM guarded", Prepared: "{gid}"),
                new("first", "SELECT 1", Then: "ALTER TABLE guarded ADD COLUMN a text"),
            ],
        },
    ];

    private static IEnumerable<Blockage> Queues() =>
    [
        Behind(
            "a reader, an ALTER TABLE, a read", "SELECT * FROM guarded", "ALTER TABLE guarded ADD COLUMN a text",
            "CREATE TABLE copied AS SELECT * FROM guarded", "AccessShareLock"),
        Behind(
            "a reader, an ALTER TABLE, an INSERT", "SELECT * FROM guarded", "ALTER TABLE guarded ADD COLUMN a text",
            "INSERT INTO guarded VALUES (9)", "AccessShareLock"),
        Behind(
            "a reader, an ALTER TABLE, an ALTER TABLE", "SELECT * FROM guarded", "ALTER TABLE guarded ADD COLUMN a text",
            "ALTER TABLE guarded ADD COLUMN text text", "AccessShareLock"),
        Behind(
            "a reader, an ALTER TABLE, a foreign key", "SELECT * FROM guarded", "ALTER TABLE guarded ADD COLUMN a text",
            "CREATE TABLE child (id integer REFERENCES guarded (id))", "AccessShareLock"),
        Behind(
            "a writer, a CREATE INDEX, an INSERT", "INSERT INTO guarded VALUES (8)", "CREATE INDEX ON guarded (id)",
            "INSERT INTO guarded VALUES (9)", "RowExclusiveLock"),
        Behind(
            "an advisory lock that is shared, one that is not, one that is shared", "SELECT pg_advisory_xact_lock_shared(42)",
            "SELECT pg_advisory_xact_lock(42)", "SELECT pg_advisory_xact_lock_shared(42)", "ShareLock", "advisory lock 42"),
    ];

    private static IEnumerable<Blockage> Elsewhere() =>
    [
        new()
        {
            Name = "a role that another database changes",
            Others = [new("root", "ALTER ROLE {role} CONNECTION LIMIT 5", Elsewhere: true)],
            Migration = "ALTER ROLE {role} CONNECTION LIMIT 6",
            Root = "root", Holds = "ExclusiveLock", On = "a row of pg_authid",
        },
        new()
        {
            Name = "a chain through another database",
            Others =
            [
                new("root", "CREATE TABLE far (id integer); COMMIT; BEGIN; SELECT * FROM far", Elsewhere: true),
                new("first", "ALTER ROLE {role} CONNECTION LIMIT 5", Then: "ALTER TABLE far ADD COLUMN text text", Elsewhere: true),
            ],
            Migration = "ALTER ROLE {role} CONNECTION LIMIT 6",
            Root = "root", Between = ["first"], Holds = "AccessShareLock", On = "in database {other}",
        },
        new()
        {
            Name = "a prepared transaction of another database",
            Others = [new("root", "ALTER ROLE {role} CONNECTION LIMIT 5", Prepared: "{gid}", Elsewhere: true)],
            Migration = "ALTER ROLE {role} CONNECTION LIMIT 6",
            Root = "root", Holds = "ExclusiveLock", On = "a row of pg_authid", Remedy = "rollback prepared '{gid}', in database {other}",
        },
        new()
        {
            Name = "a shared catalog is locked in another database",
            Others = [new("root", "LOCK TABLE pg_authid IN SHARE MODE", Elsewhere: true)],
            Migration = "ALTER ROLE {role} CONNECTION LIMIT 6",
            Root = "root", Holds = "ShareLock", On = "pg_authid",
        },
    ];

    private static IEnumerable<Blockage> Concurrently() =>
    [
        OnTable(
            "a snapshot, CREATE INDEX CONCURRENTLY", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT * FROM two",
            $"{WithoutTransaction}CREATE INDEX CONCURRENTLY later ON guarded (id)", "ExclusiveLock", "its transaction"),
        OnTable(
            "a writer, CREATE INDEX CONCURRENTLY", "INSERT INTO guarded VALUES (8)",
            $"{WithoutTransaction}CREATE INDEX CONCURRENTLY later ON guarded (id)", "ExclusiveLock", "its transaction"),
        OnTable(
            "a reader, DROP INDEX CONCURRENTLY", "SELECT * FROM two", $"{WithoutTransaction}DROP INDEX CONCURRENTLY spare",
            "ExclusiveLock", "its transaction"),
        OnTable(
            "a writer, REINDEX CONCURRENTLY", "INSERT INTO guarded VALUES (8)",
            $"{WithoutTransaction}REINDEX INDEX CONCURRENTLY guarded_index", "ExclusiveLock", "its transaction"),
        OnTable("a reader, VACUUM FULL", "SELECT * FROM guarded", $"{WithoutTransaction}VACUUM FULL guarded", "AccessShareLock"),
    ];

    private static IEnumerable<Blockage> Pins() =>
    [
        OnTable(
            "a cursor, VACUUM FREEZE", "DECLARE c CURSOR FOR SELECT * FROM guarded; FETCH 1 FROM c",
            $"{WithoutTransaction}VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) guarded", "BufferPin", "a page of guarded"),
        new()
        {
            Name = "a cursor, somebody without one, VACUUM FREEZE",
            Others = [new("root", "DECLARE c CURSOR FOR SELECT * FROM guarded; FETCH 1 FROM c"), new("innocent", "SELECT * FROM guarded")],
            Migration = $"{WithoutTransaction}VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) guarded",
            Root = "root", Holds = "BufferPin", On = "a page of guarded",
        },
        new()
        {
            Name = "two cursors, VACUUM FREEZE",
            Others =
            [
                new("root", "DECLARE c CURSOR FOR SELECT * FROM guarded; FETCH 1 FROM c"),
                new("another", "DECLARE c CURSOR FOR SELECT * FROM guarded; FETCH 1 FROM c"),
            ],
            Migration = $"{WithoutTransaction}VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) guarded",
            Root = "root", Between = ["another"], Holds = "possibly BufferPin", On = "a page of guarded",
        },
    ];

    private static IEnumerable<Blockage> Objects() =>
    [
        OnTable(
            "a type, the same type", "ALTER TYPE mood ADD VALUE 'one'", "ALTER TYPE mood ADD VALUE 'two'", "ExclusiveLock",
            "type mood"),
        OnTable(
            "a function that was dropped, its DROP", "DROP FUNCTION number()", "DROP FUNCTION number()", "AccessExclusiveLock",
            "function number()"),
        OnTable(
            "a function that was replaced, another in its place",
            "CREATE OR REPLACE FUNCTION number() RETURNS integer LANGUAGE sql AS 'SELECT 2'",
            "CREATE OR REPLACE FUNCTION number() RETURNS integer LANGUAGE sql AS 'SELECT 3'", "ExclusiveLock", "pg_proc"),
        OnTable(
            "a table in a schema, the schema's DROP", "CREATE TABLE apart.fresh (id integer)", "DROP SCHEMA apart",
            "AccessShareLock", "schema apart"),
        OnTable("a table of the same name", "CREATE TABLE fresh (id integer)", "CREATE TABLE fresh (id integer)", "ExclusiveLock", Changes),
        OnTable("rights, rights", "GRANT SELECT ON guarded TO {role}", "GRANT INSERT ON guarded TO {role}", "ExclusiveLock", "pg_class"),
    ];

    private static Blockage OnTable(string name, string does, string migration, string holds, string on = "guarded") => new()
    {
        Name = name, Others = [new("root", does)], Migration = migration, Root = "root", Holds = holds, On = on,
    };

    private static Blockage OfNobody(string name, string does, string migration, string holds, string on) => new()
    {
        Name = name, Others = [new("root", does, Prepared: "{gid}")], Migration = migration, Root = "root", Holds = holds, On = on,
        Remedy = "commit prepared '{gid}' or rollback prepared '{gid}', in this database",
    };

    private static Blockage Behind(string name, string does, string waits, string migration, string holds, string on = "guarded") =>
        OnTable(name, does, migration, holds, on) with { Others = [new("root", does), new("first", "SELECT 1", Then: waits)] };
}
