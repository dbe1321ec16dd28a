using System.Globalization;
using System.Text.RegularExpressions;

namespace MigrationHost.Http.Page;

/// <summary>How much longer the migration under way may take, if anything tells: never more than an estimate.</summary>
internal static partial class Estimate
{
    private const double LeastShare = 0.02;

    /// <summary>What is left, and what that is read from; null if nothing tells.</summary>
    public static (TimeSpan Left, string From)? Of(DatabaseStatus status, IEnumerable<DatabaseStatus> all)
    {
        if (status.Running is not { Version: { } version } running)
            return null;
        if (status.WaitingFor is { Activity: { } activity } wait && activity != WaitStatus.Waiting && Share(activity) is { } share)
            return (TimeSpan.FromMilliseconds(wait.ElapsedMs * (1 - share) / share), "the server's own progress");
        var elsewhere =
            from other in all
            where other.Name != status.Name
            from applied in other.Applied
            where applied.Version == version && applied.Description == running.Description && applied.DurationMs > 0
            select (other.Name, Took: applied.DurationMs!.Value);
        var longest = elsewhere.OrderByDescending(one => one.Took).FirstOrDefault();
        return longest is { Name: { } name, Took: var took } && took > running.ElapsedMs
            ? (TimeSpan.FromMilliseconds(took - running.ElapsedMs), $"the same migration on {name}")
            : null;
    }

    // "create index: 40 of 100 blocks": the first pair is the server's own count.
    private static double? Share(string activity)
    {
        if (DoneOfAll().Match(activity) is not { Success: true } match)
            return null;
        var (done, all) = (Number(match, "done"), Number(match, "all"));
        return all > 0 && done / all is > LeastShare and < 1 and var share ? share : null;
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b(?<done>\d{1,15}) of (?<all>\d{1,15})\b")]
    private static partial Regex DoneOfAll();
}
