namespace MigrationHost;

/// <summary>Who waits for whom, from the root holders down.</summary>
internal static class LockTree
{
    /// <summary>The trees of a report: each root holds something and waits for nobody who is known.</summary>
    /// <remarks>
    /// Each session is drawn once. Those that wait for nobody come first, since they have to move first; then those that wait for somebody
    /// who is not visible. In a circle of sessions, which only a deadlock is, the first is the root.
    /// </remarks>
    public static IReadOnlyList<LockNode> Of(LockReport report)
    {
        var drawn = new HashSet<int>();
        var waiters = report.Waiters.Where(waiter => waiter.Pid is not null).ToLookup(waiter => waiter.Pid!.Value);
        var known = report.Holders.Select(holder => holder.Id).OfType<int>()
            .Concat(report.Waiters.SelectMany(waiter => waiter.Behind))
            .Concat(report.Waiters.Where(waiter => waiter.Behind.Count == 0).Select(waiter => waiter.Pid).OfType<int>())
            .Distinct().ToLookup(RankOf);
        return
        [
            .. Roots(Rank.WaitsForNobody),
            .. report.Holders.Where(holder => holder.Id is null).Select(holder => new LockNode { Pid = null, Holds = [holder] }),
            .. Roots(Rank.WaitsForTheUnseen),
            .. from waiter in report.Waiters
               where waiter is { Pid: null, Behind.Count: 0 }
               select new LockNode { Pid = null, Waiter = waiter },
            .. Roots(Rank.WaitsForOthers),
        ];

        IEnumerable<LockNode> Roots(Rank rank) => known[rank].Select(id => Draw(report, id, drawn)).OfType<LockNode>();

        Rank RankOf(int id) => !waiters[id].Any() ? Rank.WaitsForNobody
            : waiters[id].All(waiter => waiter.Behind.Count == 0) ? Rank.WaitsForTheUnseen
            : Rank.WaitsForOthers;
    }

    private static LockNode? Draw(LockReport report, int id, HashSet<int> drawn)
    {
        if (!drawn.Add(id))
            return null;
        Blocker[] holds = [.. report.Holders.Where(holder => holder.Id == id)];
        return new LockNode
        {
            Pid = holds is [var held, ..] ? held.Pid : id > 0 ? id : null,
            Holds = holds,
            Waiter = report.Waiters.FirstOrDefault(waiter => waiter.Pid == id),
            Waiting =
            [
                .. from waiter in report.Waiters
                   where waiter.Behind.Contains(id)
                   let node = waiter.Pid is { } own ? Draw(report, own, drawn) : new LockNode { Pid = null, Waiter = waiter }
                   where node is not null
                   select node,
            ],
        };
    }

    private enum Rank
    {
        WaitsForNobody,
        WaitsForTheUnseen,
        WaitsForOthers,
    }
}
