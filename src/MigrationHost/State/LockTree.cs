namespace MigrationHost;

/// <summary>Who waits for whom, from the root holders down.</summary>
internal static class LockTree
{
    /// <summary>The trees of a report: each root holds something and waits for nobody who is known.</summary>
    /// <remarks>Each session is drawn once. In a circle of sessions, which only a deadlock is, the first is the root.</remarks>
    public static IReadOnlyList<LockNode> Of(LockReport report)
    {
        var drawn = new HashSet<int>();
        var waiting = report.Waiters.Where(waiter => waiter.BlockedBy.Count > 0).Select(waiter => waiter.Pid).OfType<int>().ToHashSet();
        int[] known =
        [
            .. report.Holders.Select(holder => holder.Pid).OfType<int>(),
            .. report.Waiters.SelectMany(waiter => waiter.BlockedBy),
        ];
        LockNode[] roots =
        [
            .. from pid in known.Distinct().Where(pid => !waiting.Contains(pid)).Concat(known.Distinct().Where(waiting.Contains))
               let node = Draw(report, pid, drawn)
               where node is not null
               select node,
        ];
        return
        [
            .. roots,
            .. report.Holders.Where(holder => holder.Pid is null).Select(holder => new LockNode { Pid = null, Holds = [holder] }),
            .. from waiter in report.Waiters
               where waiter.BlockedBy.Count == 0
               select new LockNode { Pid = waiter.Pid, Waiter = waiter },
        ];
    }

    private static LockNode? Draw(LockReport report, int pid, HashSet<int> drawn) => !drawn.Add(pid) ? null : new LockNode
    {
        Pid = pid,
        Holds = [.. report.Holders.Where(holder => holder.Pid == pid)],
        Waiter = report.Waiters.FirstOrDefault(waiter => waiter.Pid == pid),
        Waiting =
        [
            .. from waiter in report.Waiters
               where waiter.BlockedBy.Contains(pid)
               let node = waiter.Pid is { } own ? Draw(report, own, drawn) : new LockNode { Pid = null, Waiter = waiter }
               where node is not null
               select node,
        ],
    };
}
