using System.Diagnostics;
using System.Globalization;

namespace MigrationHost.Bench.Peers;

/// <summary>The same sets of migrations with other tools, in turn, as tables for docs/comparison.md: medians, and how many times
/// MigrationHost's.</summary>
internal static class PeersReport
{
    private static readonly int[] Smaller = [1, 100];
    private static readonly bool[] Databases = [true, false];

    /// <param name="largest">The largest set.</param>
    /// <param name="rounds">How often each is run.</param>
    /// <param name="only">One database, <c>sqlite</c> or <c>postgresql</c>; else both.</param>
    public static int Run(int largest, int rounds, string? only)
    {
        int[] counts = [.. Smaller.Where(count => count < largest / 5), largest];
        Console.WriteLine($"{rounds} rounds in turn, median ms (times MigrationHost's, median of the rounds' ratios)");
        Console.WriteLine($"Load: {File.ReadAllText("/proc/loadavg").Trim()}");
        foreach (var isSqlite in Databases.Where(isSqlite => only is null || isSqlite == (only == "sqlite")))
        {
            var database = isSqlite ? "SQLite" : "PostgreSQL";
            Peer[] programs = [PeerTools.MigrationHost, .. PeerTools.Shells, .. PeerTools.Timed];
            Peer[] libraries = [.. programs.Where(peer => peer.InHost is not null)];
            Print($"{database}, whole process", counts, Measure(isSqlite, counts, rounds, programs, Whole));
            Print($"{database}, in a host", counts, Measure(isSqlite, counts, rounds, libraries, InHost));
        }
        return 0;
    }

    /// <returns>Of each tool the times for each count, and last those of a start with nothing to do.</returns>
    private static List<(Peer Peer, List<double>[] Times)> Measure(
        bool isSqlite, int[] counts, int rounds, Peer[] peers, Func<Peer, Place, double> measure)
    {
        List<double>[] Nothing() => [.. counts.Append(0).Select(_ => new List<double>())];
        List<(Peer Peer, List<double>[] Times)> all = [.. peers.Select(peer => (peer, Nothing()))];
        for (var round = 0; round < rounds; round++)
        {
            for (var size = 0; size < counts.Length; size++)
            {
                string[] set = [.. Enumerable.Range(1, counts[size]).Select(Folder.Migration)];
                foreach (var (peer, times) in all)
                {
                    using var place = new Place(isSqlite);
                    peer.Write(place, set);
                    times[size].Add(measure(peer, place));
                    if (size == counts.Length - 1 && !PeerTools.Shells.Contains(peer))
                        times[^1].Add(measure(peer, place));
                }
            }
        }
        return all;
    }

    private static double Whole(Peer peer, Place place)
    {
        var clock = Stopwatch.StartNew();
        Finish(peer.Start(place), place);
        return clock.Elapsed.TotalMilliseconds;
    }

    private static double InHost(Peer peer, Place place) =>
        double.Parse(Finish(peer.InHost!(place), place).Trim(), CultureInfo.InvariantCulture);

    private static string Finish(ProcessStartInfo start, Place place)
    {
        using var run = new ToolRun(start, place.Folder);
        if (!run.Ended(TimeSpan.FromMinutes(5)) || run.Code != 0)
            throw new InvalidOperationException($"{start.FileName} did not succeed:\n{run.Said}");
        return run.Said;
    }

    private static void Print(string title, int[] counts, List<(Peer Peer, List<double>[] Times)> all)
    {
        Console.WriteLine();
        Console.WriteLine($"| {title} | {string.Join(" | ", counts)} | nothing to do of {counts[^1]} |");
        Console.WriteLine($"|{string.Concat(Enumerable.Repeat(" --- |", counts.Length + 2))}");
        var ours = all[0].Times;
        foreach (var (peer, times) in all)
            Console.WriteLine($"| {peer.Name} | {string.Join(" | ", times.Select((values, size) => Cell(values, ours[size])))} |");
    }

    private static string Cell(List<double> values, List<double> ours) =>
        values.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Report.Median(values):0} ({Report.Ratio(values, ours)})");
}
