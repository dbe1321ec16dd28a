namespace MigrationHost.Databases.PostgreSql;

/// <summary>Follows who waits for whom to those who wait for nobody: the roots.</summary>
/// <param name="snapshot">What the server shows.</param>
/// <param name="isElse">Whether a session is not one of our own sessions.</param>
internal sealed class LockChain(LockSnapshot snapshot, Func<ServerBackend, bool> isElse)
{
    /// <summary>Who is in the way of a backend that waits; empty if it waits for nobody.</summary>
    public List<LockLink> Behind(int waiter) =>
        snapshot.WantedBy(waiter) is { } wanted ? Follow(snapshot.BlockersOf(waiter), wanted) : [];

    /// <summary>Who is in the way of what was refused. Between two attempts we do not wait; others hold the lock or wait for it.</summary>
    /// <param name="refused">What was refused.</param>
    /// <param name="waiter">Our backend.</param>
    public List<LockLink> Behind(PostgreSqlLockWait refused, int waiter)
    {
        List<LockLink> found = [];
        foreach (var tag in TagsOf(refused).Where(tag => !snapshot.On(tag).Any(one => one.Granted && one.Owner == waiter)))
        {
            var wanted = new ServerLock
            {
                Owner = waiter, Kind = refused.Kind, Mode = refused.Mode, Granted = false, Tag = tag, RowOf = refused.RowOf,
            };
            var others = snapshot.On(tag).Where(one => LockModes.Conflict(wanted.Mode, one.Mode)).Select(one => snapshot.Find(one.Owner));
            found.AddRange(Follow([.. others.OfType<ServerBackend>().DistinctBy(backend => backend.Id)], wanted));
        }
        return found;
    }

    /// <summary>Who blocks a session that is in our way: that blocker, and the roots behind it.</summary>
    public List<LockLink> From(ServerBackend holder, IReadOnlyList<ServerLock> held)
    {
        var behind = Behind(holder.Id).FindAll(link => link.Backend.Id != holder.Id);
        return [new LockLink(holder, held, behind.Count > 0), .. behind];
    }

    // Those in between are named too if they hold the lock themselves, and are not only first in its queue.
    private List<LockLink> Follow(IReadOnlyList<ServerBackend> blockers, ServerLock wanted)
    {
        List<LockLink> found = [];
        HashSet<int> seen = [];
        var next = new Queue<(ServerBackend Backend, ServerLock Wanted, bool Direct)>(blockers.Select(blocker => (blocker, wanted, true)));
        while (next.TryDequeue(out var link))
        {
            var (backend, wants, direct) = link;
            if (!seen.Add(backend.Id) || !isElse(backend))
                continue;
            List<ServerLock> held = [.. snapshot.InTheWay(backend, wants).Select(some => OfRow(some, wants))];
            var itself = snapshot.WantedBy(backend.Id);
            List<ServerBackend> further = [.. snapshot.BlockersOf(backend.Id).Where(isElse)];
            if (held.Count > 0 ? direct || further.Count == 0 : itself is null)
                found.Add(new LockLink(backend, held, further.Count > 0));
            foreach (var blocker in further)
                next.Enqueue((blocker, itself!, false));
        }
        return found;
    }

    // Of a read only the relation is known; of one of the catalogs, not which.
    private IEnumerable<string> TagsOf(PostgreSqlLockWait refused) =>
        refused.Tag is { } tag
            ? [tag]
            : (from one in snapshot.Locks
               where one is { Kind: "relation", IsHere: true }
               where refused.Relation is { } relation ? one.Relation == relation : one.Relation < ServerLock.FirstOfUsers
               select one.Tag).Distinct();

    private static ServerLock OfRow(ServerLock held, ServerLock wanted) =>
        held.Kind == "transactionid" && wanted.RowOf is { } table ? held with { Kind = "tuple", Name = table } : held;
}
