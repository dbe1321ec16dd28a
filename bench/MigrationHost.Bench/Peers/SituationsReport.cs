using System.Text.RegularExpressions;

namespace MigrationHost.Bench.Peers;

/// <summary>What each tool does in each situation, as tables for docs/comparison.md.</summary>
internal static class SituationsReport
{
    // Enough that waits are the tools' own, few enough that two cores do not make them.
    private const int AtOnce = 6;

    /// <param name="limit">How long an end is waited for.</param>
    /// <param name="only">A regular expression for the situations' names; nothing for all.</param>
    public static int Run(TimeSpan limit, string only)
    {
        foreach (var situation in Situations.All.Where(situation => Regex.IsMatch(situation.Name, only)))
        {
            Console.WriteLine();
            Console.WriteLine($"### {(situation.IsSqlite ? "SQLite" : "PostgreSQL")}: {situation.Name}");
            Console.WriteLine();
            Console.WriteLine($"| | {string.Join(" | ", situation.Columns)} |");
            Console.WriteLine($"|{string.Concat(Enumerable.Repeat(" --- |", situation.Columns.Length + 1))}");
            foreach (var row in PeerTools.On(situation.IsSqlite).Concat(situation.Also)
                .AsParallel().AsOrdered().WithDegreeOfParallelism(AtOnce).WithMergeOptions(ParallelMergeOptions.NotBuffered)
                .Select(peer => Row(peer, situation, limit)))
                Console.WriteLine(row);
        }
        return 0;
    }

    private static string Row(Peer peer, Situation situation, TimeSpan limit)
    {
        try
        {
            using var stage = new Stage(peer, situation.IsSqlite, limit);
            return $"| {peer.Name} | {string.Join(" | ", situation.Play(stage))} |";
        }
        catch (InvalidOperationException exception)
        {
            return $"| {peer.Name} | not run: {exception.Message.ReplaceLineEndings(" ")} |";
        }
    }
}
