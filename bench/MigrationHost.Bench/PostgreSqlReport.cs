using System.Globalization;

namespace MigrationHost.Bench;

/// <summary>The same work on PostgreSQL, beside psql. The server is the one that psql's environment variables name.</summary>
internal static class PostgreSqlReport
{
    private static readonly string Server = $"Host={Environment.GetEnvironmentVariable("PGHOST")};Port={Environment.GetEnvironmentVariable("PGPORT")};Username={Environment.GetEnvironmentVariable("PGUSER")}";

    public static void Print(int rounds)
    {
        using var empty = new Folder(0);
        var start = Report.Repeat(rounds, () => Ours("migrate", empty, "postgres"));
        var shellStart = Report.Repeat(rounds, () => Psql("postgres", "SELECT 1;"));
        Console.WriteLine();
        Console.WriteLine($"PostgreSQL. Start apart: a host without any migration takes {Report.Show(start)} ms to be ready, psql {Report.Show(shellStart)} ms for SELECT 1.");
        Console.WriteLine();
        Console.WriteLine("migrations | MigrationHost, ms | psql -f, one transaction each, ms | ratio | psql -f, one in all, ms | ratio");
        Console.WriteLine("---|---|---|---|---|---");
        foreach (var count in new[] { 1, 100, 1000 })
            Compare(rounds, count, Report.Median(start), Report.Median(shellStart));
        Nothing(rounds, 1000);
        HandOver(rounds * 4);
    }

    /// <summary>The database's name in what <see cref="Ours"/> hands on.</summary>
    public static string DatabaseOf(string server) => server[(server.LastIndexOf('=') + 1)..];

    // Released at any moment of an attempt or of the pause behind it.
    private static void HandOver(int rounds)
    {
        var times = Report.Repeat(rounds, () =>
        {
            return InNewDatabase(database =>
            {
                using var folder = new Folder(1, _ => Child.TimedMigration(database));
                return Ours("hand-over", folder, database);
            });
        });
        Console.WriteLine($"Waiting for a table's lock: the migration runs {Report.Show(times)} ms after the holder released it");
    }

    private static void Compare(int rounds, int count, double start, double shellStart)
    {
        using var folder = new Folder(count);
        List<double> ours = [], each = [], all = [];
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(InNewDatabase(database => Ours("migrate", folder, database)) - start);
            each.Add(InNewDatabase(database => Psql(database, Report.Script(count, oneTransaction: false, "BEGIN"))) - shellStart);
            all.Add(InNewDatabase(database => Psql(database, Report.Script(count, oneTransaction: true, "BEGIN"))) - shellStart);
        }
        Console.WriteLine($"{count} | {Report.Show(ours)} | {Report.Show(each)} | {Report.Ratio(ours, each)} | {Report.Show(all)} | {Report.Ratio(ours, all)}");
    }

    private static void Nothing(int rounds, int count)
    {
        using var folder = new Folder(count);
        InNewDatabase(database =>
        {
            Ours("migrate", folder, database);
            Console.WriteLine();
            Console.WriteLine($"Nothing to do with {count} applied: {Report.Show(Report.Repeat(rounds, () => Ours("migrate", folder, database)))} ms from the host's start to ready; the check itself, once the code is warm: {Report.Show(Report.Repeat(rounds, () => Ours("check", folder, database)))} ms");
            return 0;
        });
    }

    public static double InNewDatabase(Func<string, double> measure)
    {
        const string name = "bench";
        Psql("postgres", $"CREATE DATABASE {name};");
        Psql("postgres", "CHECKPOINT;");
        try
        {
            return measure(name);
        }
        finally
        {
            Psql("postgres", $"DROP DATABASE {name} WITH (FORCE);");
        }
    }

    public static double Ours(string what, Folder folder, string database) => Report.Ours(what, folder.Path, $"{Server};Database={database}");

    public static double Psql(string database, string script)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, script);
        try
        {
            return Report.Timed("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", file], "");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
