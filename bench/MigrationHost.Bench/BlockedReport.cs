using System.Diagnostics;
using System.Globalization;

namespace MigrationHost.Bench;

/// <summary>What it costs a PostgreSQL server that a blocked migration asks it who blocks, and how soon the answer is there.</summary>
internal static class BlockedReport
{
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(30);
    private static readonly string Server = Environment.GetEnvironmentVariable("BENCH_SERVER_PID") ?? "";

    public static int Run(int rounds)
    {
        using var folder = new Folder(0);
        File.WriteAllText(folder["migrations/1_alter.sql"], "ALTER TABLE orders ADD COLUMN total integer;\n");
        PostgreSqlReport.InNewDatabase(database =>
        {
            PostgreSqlReport.Psql(database, "CREATE TABLE orders (id integer);");
            using var holder = Hold(database);
            var late = Report.Repeat(rounds, () => PostgreSqlReport.Ours("named", folder, database));
            Console.WriteLine($"Named {Report.Show(late)} ms after the wait had lasted StallAfter ({rounds} rounds)");
            var idle = Cost(() => Thread.Sleep(Measured));
            Say($"A server with one idle transaction and nobody who waits uses {idle:0.00} % of a core");
            foreach (var (locks, what) in new[] { (0, ""), (2000, ", while another session holds 2,000 locks") })
            {
                using var many = Hold(database, $"SELECT pg_advisory_xact_lock(key) FROM generate_series(1, {locks}) AS key");
                var blocked = Cost(() => PostgreSqlReport.Ours("blocked", folder, database));
                Say($"The same server with a blocked migration{what}: {blocked:0.00} % of a core");
                many.StandardInput.Close();
            }
            holder.StandardInput.Close();
            return 0;
        });
        return 0;
    }

    /// <summary>For how long a blocked run is left alone while its server's processor time is taken.</summary>
    public static TimeSpan HowLong => Measured;

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    // In per cent of one core, over all of the server's processes, those included that ended meanwhile.
    private static double Cost(Action what)
    {
        var (before, clock) = (Ticks(), Stopwatch.StartNew());
        what();
        return (Ticks() - before) / TicksPerSecond / clock.Elapsed.TotalSeconds * 100;
    }

    private static long Ticks() =>
        Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Sum(TicksOf);

    // proc(5): after the name in brackets, the parent is field 4, user and system time 14 and 15, those of children that have ended 16 and 17.
    private static long TicksOf(string process)
    {
        try
        {
            var fields = File.ReadAllText(Path.Combine(process, "stat")).Split(") ")[^1].Split(' ');
            long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
            return Path.GetFileName(process) == Server ? Field(14) + Field(15) + Field(16) + Field(17)
                : fields[1] == Server ? Field(14) + Field(15)
                : 0;
        }
        catch (IOException)
        {
            // It has ended: its time is counted in its parent's.
            return 0;
        }
    }

    private static Process Hold(string database, string sql = "SELECT * FROM orders")
    {
        var psql = new ProcessStartInfo("psql", ["-X", "-q", "-d", database]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var holder = Process.Start(psql)!;
        holder.StandardInput.WriteLine($"BEGIN;\n{sql};\n\\echo held");
        while (holder.StandardOutput.ReadLine() is not "held")
        {
        }
        return holder;
    }
}
