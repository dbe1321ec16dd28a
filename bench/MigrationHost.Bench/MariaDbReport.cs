using System.Globalization;
using System.Text;

namespace MigrationHost.Bench;

/// <summary>The same work on MariaDB, beside its own client. The server is the one whose port the environment names.</summary>
internal static class MariaDbReport
{
    private static readonly string Port = Environment.GetEnvironmentVariable("BENCH_MARIADB_PORT") ?? "";

    public static int Print(int rounds)
    {
        using var empty = new Folder(0);
        var start = Report.Repeat(rounds, () => InNewDatabase(database => Ours("migrate", empty, database)));
        var shellStart = Report.Repeat(rounds, () => Client("mysql", "SELECT 1;"));
        Console.WriteLine();
        Console.WriteLine($"MariaDB. Start apart: a host without any migration takes {Report.Show(start)} ms to be ready, the client {Report.Show(shellStart)} ms for SELECT 1.");
        Console.WriteLine();
        Console.WriteLine("migrations | each | MigrationHost, ms | mariadb, ms | ratio");
        Console.WriteLine("---|---|---|---|---");
        foreach (var count in new[] { 1, 100 })
            Compare(rounds, count, "a table and an index", Ddl, Report.Median(start), Report.Median(shellStart));
        foreach (var count in new[] { 1, 100, 1000 })
            Compare(rounds, count, "two rows, one transaction", Rows, Report.Median(start), Report.Median(shellStart));
        Nothing(rounds, 1000);
        return 0;
    }

    private static void Compare(int rounds, int count, string what, Func<int, string> migration, double start, double shellStart)
    {
        using var folder = new Folder(count, migration);
        List<double> ours = [], client = [];
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(InNewDatabase(database => Ours("migrate", folder, database)) - start);
            client.Add(InNewDatabase(database => Client(database, Script(count, migration))) - shellStart);
        }
        Console.WriteLine($"{count} | {what} | {Report.Show(ours)} | {Report.Show(client)} | {Report.Ratio(ours, client)}");
    }

    private static void Nothing(int rounds, int count)
    {
        using var folder = new Folder(count, Rows);
        InNewDatabase(database =>
        {
            Ours("migrate", folder, database);
            Console.WriteLine();
            Console.WriteLine($"Nothing to do with {count} applied: {Report.Show(Report.Repeat(rounds, () => Ours("migrate", folder, database)))} ms from the host's start to ready; the check itself, once the code is warm: {Report.Show(Report.Repeat(rounds, () => Ours("check", folder, database)))} ms");
            return 0;
        });
    }

    private static string Ddl(int number) =>
        $"""
        CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name VARCHAR(200) NOT NULL, created_at DATETIME NOT NULL);
        CREATE INDEX t{number}_by_name ON t{number} (name);

        """;

    private static string Rows(int number) => number == 1
        ? "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(200) NOT NULL);\n"
        : $"INSERT INTO t VALUES ({number}, 'a');\nINSERT INTO t VALUES (-{number}, 'b');\n";

    /// <summary>The same statements and history rows for the client. DDL commits by itself, whatever is around it.</summary>
    private static string Script(int count, Func<int, string> migration)
    {
        var script = new StringBuilder("CREATE TABLE history (version VARCHAR(500) PRIMARY KEY, description TEXT, checksum TEXT, applied_at DATETIME(3), duration_ms BIGINT, applied_by TEXT, state TEXT);\n");
        for (var i = 1; i <= count; i++)
        {
            script.Append("START TRANSACTION;\n").Append(migration(i));
            script.Append(CultureInfo.InvariantCulture, $"INSERT INTO history VALUES ('{i}', 'create t{i}', 'sha256:0000000000000000000000000000000000000000000000000000000000000000', '2026-11-22 10:00:00', 1, 'host:1', 'applied');\nCOMMIT;\n");
        }
        return script.ToString();
    }

    private static double InNewDatabase(Func<string, double> measure)
    {
        const string name = "bench";
        Client("mysql", $"CREATE DATABASE {name};");
        try
        {
            return measure(name);
        }
        finally
        {
            Client("mysql", $"DROP DATABASE {name};");
        }
    }

    private static double Ours(string what, Folder folder, string database) =>
        Report.Ours(what, folder.Path, $"mysql://root@127.0.0.1:{Port}/{database}?sslmode=disable");

    private static double Client(string database, string script) =>
        Report.Timed("mariadb", ["--no-defaults", "-h127.0.0.1", $"-P{Port}", "-uroot", database], script);
}
