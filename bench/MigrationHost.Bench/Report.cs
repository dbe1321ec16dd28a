using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MigrationHost.Bench;

/// <summary>Runs the work and its comparison in turn, A B A B, and prints medians and ratios: the machine's speed drifts, a ratio within one run does not.</summary>
internal static class Report
{
    private static readonly string Self = Environment.ProcessPath!;

    public static int Run(int rounds)
    {
        using var empty = new Folder(0);
        var start = Repeat(rounds, () => Ours("migrate", empty.Path));
        var shellStart = Repeat(rounds, () => Shell(":memory:", "SELECT 1;"));
        Console.WriteLine($"{rounds} rounds each, median (least to most). Each migration makes one table and one index.");
        Console.WriteLine($"Start apart: a host without any migration takes {Show(start)} ms to be ready, the shell {Show(shellStart)} ms for SELECT 1.");
        Console.WriteLine();
        Console.WriteLine("migrations | MigrationHost, ms | sqlite3, one transaction each, ms | ratio | sqlite3, one in all, ms | ratio");
        Console.WriteLine("---|---|---|---|---|---");
        foreach (var count in new[] { 1, 100, 1000 })
            Compare(rounds, count, Median(start), Median(shellStart));
        Nothing(rounds, 1000);
        foreach (var count in new[] { 1000, 10_000 })
            Check(rounds, count);
        HandOver(rounds * 4);
        FirstAnswer(rounds);
        Memory(rounds);
        Requests.Print();
        PostgreSqlReport.Print(rounds);
        return MariaDbReport.Print(rounds);
    }

    private static void Compare(int rounds, int count, double start, double shellStart)
    {
        var each = Script(count, oneTransaction: false);
        var all = Script(count, oneTransaction: true);
        List<double> ours = [], shell = [], shellAll = [];
        for (var round = 0; round < rounds; round++)
        {
            using var folder = new Folder(count);
            ours.Add(Ours("migrate", folder.Path) - start);
            shell.Add(Shell(folder["each.db"], each) - shellStart);
            shellAll.Add(Shell(folder["all.db"], all) - shellStart);
        }
        Console.WriteLine($"{count} | {Show(ours)} | {Show(shell)} | {Ratio(ours, shell)} | {Show(shellAll)} | {Ratio(ours, shellAll)}");
    }

    private static void Nothing(int rounds, int count)
    {
        using var folder = new Folder(count);
        Ours("migrate", folder.Path);
        Console.WriteLine();
        Console.WriteLine($"Nothing to do with {count} applied: {Show(Repeat(rounds, () => Ours("migrate", folder.Path)))} ms from the host's start to ready; the check itself, once the code is warm: {Show(Repeat(rounds, () => Ours("check", folder.Path)))} ms");
    }

    private static void HandOver(int rounds)
    {
        var times = Repeat(rounds, () =>
        {
            using var folder = new Folder(1, _ => Child.TimedMigration(server: null));
            return Ours("hand-over", folder.Path);
        });
        Console.WriteLine($"Waiting for a write lock: the migration runs {Show(times)} ms after the holder released it");
    }

    private static void Check(int rounds, int count)
    {
        using var folder = new Folder(count, Folder.Row);
        Ours("migrate", folder.Path);
        List<double> check = [], read = [];
        for (var round = 0; round < rounds; round++)
        {
            check.Add(Ours("check", folder.Path));
            read.Add(Ours("read", folder.Path));
        }
        Console.WriteLine($"The check with {count} applied, one table: {Show(check)} ms; a bare loop that reads and hashes the same files: {Show(read)} ms; ratio {Ratio(check, read)}");
    }

    private static void FirstAnswer(int rounds)
    {
        using var folder = new Folder(1);
        Ours("migrate", folder.Path);
        Console.WriteLine($"Isolation=ChildProcess: the child answers {Show(Repeat(rounds, () => Ours("first-answer", folder.Path)))} ms after the host's start");
    }

    private static void Memory(int rounds)
    {
        foreach (var count in new[] { 1, 1000 })
        {
            using var folder = new Folder(count);
            Ours("migrate", folder.Path);
            foreach (var (what, kinds) in new[] { ("Resident memory", new[] { "VmRSS" }), ("Of that, not read from files", ["RssAnon", "RssShmem"]) })
            {
                List<double> with = [], without = [];
                for (var round = 0; round < rounds; round++)
                {
                    with.Add(Ours(["host", folder.Path, .. kinds]));
                    without.Add(Ours(["plain-host", .. kinds]));
                }
                Console.WriteLine($"{what}, ready with {count} applied: {Show(with)} MiB; the same host without migrations: {Show(without)} MiB; difference {Median(with) - Median(without):0.0} MiB");
            }
        }
    }

    public static List<double> Repeat(int rounds, Func<double> measure) => [.. Enumerable.Range(0, rounds).Select(_ => measure())];

    public static double Ours(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Self, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    private static double Shell(string database, string script) => Timed("sqlite3", ["-batch", "-bail", database], script);

    public static double Timed(string program, string[] arguments, string input)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed");
        return clock.Elapsed.TotalMilliseconds;
    }

    /// <summary>The same tables, indexes and history rows as SQL for the shell.</summary>
    public static string Script(int count, bool oneTransaction, string begin = "BEGIN IMMEDIATE")
    {
        var script = new StringBuilder("CREATE TABLE history (version TEXT NOT NULL PRIMARY KEY, description TEXT, checksum TEXT, applied_at TEXT, duration_ms INTEGER, applied_by TEXT, state TEXT);\n");
        if (oneTransaction)
            script.Append(CultureInfo.InvariantCulture, $"{begin};\n");
        for (var i = 1; i <= count; i++)
        {
            if (!oneTransaction)
                script.Append(CultureInfo.InvariantCulture, $"{begin};\n");
            script.Append(Folder.Migration(i));
            script.Append(CultureInfo.InvariantCulture, $"INSERT INTO history VALUES ('{i}', 'create t{i}', 'sha256:0000000000000000000000000000000000000000000000000000000000000000', '2026-11-22T10:00:00.000Z', 1, 'host:1', 'applied');\n");
            if (!oneTransaction)
                script.Append("COMMIT;\n");
        }
        return script.Append(oneTransaction ? "COMMIT;\n" : "").ToString();
    }

    public static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    public static string Show(List<double> values) => string.Create(CultureInfo.InvariantCulture, $"{Median(values):0.0} ({values.Min():0.0} to {values.Max():0.0})");

    public static string Ratio(List<double> ours, List<double> theirs) =>
        Median([.. ours.Zip(theirs, (a, b) => a / b)]).ToString("0.00", CultureInfo.InvariantCulture);
}
