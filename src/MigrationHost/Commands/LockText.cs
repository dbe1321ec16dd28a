namespace MigrationHost.Commands;

/// <summary>A lock report for people: the tree of who waits for whom, from the root holder down.</summary>
internal static class LockText
{
    public static IEnumerable<string> Of(LockReport report, Paint paint)
    {
        yield return $"{report.Database}  {report.DiagnosedAt:yyyy-MM-dd HH:mm:ss}Z  {Summary(report, paint)}";
        foreach (var root in LockTree.Of(report))
        {
            foreach (var line in Tree(root, "  ", paint.Alarm))
                yield return line;
            foreach (var remedy in root.Holds.Select(holder => holder.Hint).OfType<string>().Distinct())
                yield return $"    {paint.Remedy(PlainText.Line($"remedy: {remedy}"))}";
        }
        if (report.Note is not null)
            yield return PlainText.Line($"  note: {report.Note}");
    }

    private static string Summary(LockReport report, Paint paint) =>
        report.Holders.Count > 0 ? paint.Alarm("held:")
        : report.Complete ? paint.Good("nobody holds a lock")
        : paint.Notice("no lock holder is visible");

    // Who waits is below whom it waits for.
    private static IEnumerable<string> Tree(LockNode node, string indent, Func<string, string> mark)
    {
        foreach (var holder in node.Holds)
        {
            var (who, words) = (PlainText.Line(BlockerText.Who(holder)), PlainText.Line(BlockerText.Describe(holder)));
            yield return $"{indent}{mark(who)}{words[who.Length..]}{(holder.Statement is { } sql ? $": {InOneLine(sql)}" : "")}";
        }
        if (node.Waiter is { } waiter)
            yield return PlainText.Line($"{indent}{node.Who} waits for {waiter.WaitsFor}{Age(waiter)}");
        else if (node.Holds.Count == 0)
            yield return $"{indent}{mark(PlainText.Line(node.Who))}";
        foreach (var line in node.Waiting.SelectMany(waiting => Tree(waiting, $"{indent}  ", who => who)))
            yield return line;
    }

    private static string InOneLine(string sql) =>
        PlainText.Line(string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private static string Age(LockWaiter waiter) => waiter.ForMs is > 0 and var ms ? $" ({Duration.Say(ms)})" : "";
}
