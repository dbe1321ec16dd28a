namespace MigrationHost.Http.Page;

/// <summary>Who is in the way: the tree of sessions from the root holder down, and what to do about the root.</summary>
internal static class LockSection
{
    private static readonly Html Elsewhere = Html.Literal(
        "<p class=\"note\">Who holds it is not shown here: <code>migrationhost locks</code> or the management address shows it.</p>");

    public static Html Of(PageModel model, DatabaseStatus status)
    {
        if (status.Blockers.Count == 0)
            return Html.Nothing;
        var tree = model.Full ? model.LocksOf(status).Select(node => Node(model, status, node)) : status.Blockers.Select(Brief);
        var remedy = status.Blockers[0].Hint is { } hint ? Remedy(hint) : Html.Nothing;
        return Html.Of($"<h3>Who is in the way</h3><ul class=\"tree\">{tree}</ul>{remedy}{(model.Full ? Html.Nothing : Elsewhere)}");
    }

    /// <summary>What to do, with the command in it to be copied.</summary>
    public static Html Remedy(string remedy)
    {
        var copied = RemedyCommand.In(remedy) ?? remedy;
        var copy = Html.Of($"<button type=\"button\" data-copy=\"{copied}\">Copy <code>{copied}</code></button>");
        return Html.Of($"<p class=\"remedy\"><b>Remedy</b> {remedy} {copy}</p>");
    }

    private static Html Node(PageModel model, DatabaseStatus status, LockNode node)
    {
        var (who, kind) = model.IsOwn(status, node) ? ("this migration", "own") : (node.Who, "other");
        var waiting = node.Waiting.Select(waiter => Node(model, status, waiter)).ToList();
        var below = waiting.Count > 0 ? Html.Of($"<ul>{waiting}</ul>") : Html.Nothing;
        return Html.Of($"<li class=\"{kind}\"><b>{who}</b>{node.Holds.Select(Holds)}{Waits(node.Waiter)}{below}</li>");
    }

    private static Html Brief(Blocker blocker) =>
        Html.Of($"<li><b>another session</b> holds <code>{blocker.Holds}</code>{Detail(blocker)}</li>");

    private static Html Holds(Blocker holder) => Html.Of(
        $" holds <code>{holder.Holds}</code> on <code>{holder.Resource}</code>{Detail(holder)}");

    private static Html Detail(Blocker holder)
    {
        var age = holder.ForMs is > 0 and var ms ? Html.Of($" · for at least {PageTime.Running(ms)}") : Html.Nothing;
        return Html.Of($"<br><small>{holder.State}{age}</small>");
    }

    private static Html Waits(LockWaiter? waiter)
    {
        if (waiter is null)
            return Html.Nothing;
        var age = waiter.ForMs is { } ms ? Html.Of($" <small>· {PageTime.Running(ms)}</small>") : Html.Nothing;
        return Html.Of($" waits for {waiter.WaitsFor}{age}");
    }
}
