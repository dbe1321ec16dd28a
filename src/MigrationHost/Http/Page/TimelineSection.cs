using MigrationHost.Running;

namespace MigrationHost.Http.Page;

/// <summary>What this start has spent its time on, drawn on one scale: work solid, waits hatched.</summary>
internal static class TimelineSection
{
    private const int Width = 1000;
    private const int MostRows = 40;

    public static Html Of(PageModel model, DatabaseStatus status)
    {
        var stretches = model.TimelineOf(status).Stretches;
        if (!model.Full || stretches.Count == 0)
            return Html.Nothing;
        var (begin, end) = (stretches[0].From, stretches[^1].To ?? model.Now);
        var scale = Width / Math.Max(1, (end - begin).TotalMilliseconds);
        var rows = stretches.GroupBy(stretch => stretch.Version ?? "").ToList();
        var left = rows.Count > MostRows
            ? Html.Of($"<p class=\"note\">The last {MostRows} of {rows.Count} rows.</p>")
            : Html.Nothing;
        var shown = rows.TakeLast(MostRows).Select(row => Row(row, begin, model.Now, scale));
        return Html.Of($"<h3>This start</h3><div class=\"time\">{shown}</div>{left}");
    }

    private static Html Row(IGrouping<string, TimelineStretch> row, DateTimeOffset begin, DateTimeOffset now, double scale)
    {
        var worked = Sum(row.Where(stretch => !stretch.Waits), now);
        var waited = Sum(row.Where(stretch => stretch.Waits), now);
        var name = row.Key.Length > 0 ? row.Key : "before and between";
        var words = $"worked {Duration.Say(worked)}" + (waited > TimeSpan.Zero ? $", waited {Duration.Say(waited)}" : "");
        var bars = row.Select(stretch => Bar(stretch, begin, now, scale));
        return Html.Of(
            $"""
            <span>{name}</span><svg role="img" aria-label="{name}: {words}" viewBox="0 0 {Width} 14" preserveAspectRatio="none">{bars}</svg>
            <small>{words}</small>
            """);
    }

    private static Html Bar(TimelineStretch stretch, DateTimeOffset begin, DateTimeOffset now, double scale)
    {
        var from = (long)((stretch.From - begin).TotalMilliseconds * scale);
        var width = Math.Max(3, (long)(((stretch.To ?? now) - stretch.From).TotalMilliseconds * scale));
        var kind = stretch.Waits ? Html.Literal("waits") : Html.Literal("works");
        return Html.Of($"<rect class=\"{kind}\" x=\"{from}\" y=\"1\" width=\"{width}\" height=\"12\"><title>{stretch.What}</title></rect>");
    }

    private static TimeSpan Sum(IEnumerable<TimelineStretch> stretches, DateTimeOffset now) =>
        stretches.Aggregate(TimeSpan.Zero, (sum, stretch) => sum + ((stretch.To ?? now) - stretch.From));
}
