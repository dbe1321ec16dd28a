namespace MigrationHost.Databases.Sqlite;

/// <summary>Who is in the way of whom: pure, over what each process holds.</summary>
internal static class SqliteWay
{
    /// <summary>Everybody, with who waits for whom.</summary>
    /// <param name="holders">What each process holds.</param>
    /// <param name="isAsleep">Whether a process does nothing at all right now: one with a checkpoint under way then waits for
    /// readers.</param>
    public static IReadOnlyList<SqliteObstacle> Chain(IReadOnlyList<SqliteHolder> holders, Func<int, bool> isAsleep)
    {
        var obstacles = holders.Select(holder => WaitOf(holder, holders, isAsleep)).ToList();
        return
        [
            .. obstacles.Select(obstacle => obstacle with
            {
                WaitedForBy = [.. obstacles.Where(other => other.WaitsFor.Contains(obstacle.Holder)).Select(other => other.Holder)],
            }),
        ];
    }

    /// <summary>
    /// Those in the way: the ones that hold what is waited for, and the readers that these wait for themselves.
    /// The roots first, since they have to move first.
    /// </summary>
    /// <param name="chain">Everybody.</param>
    /// <param name="holdsUp">Whether anybody holds what is waited for.</param>
    public static IReadOnlyList<SqliteObstacle> Of(IReadOnlyList<SqliteObstacle> chain, Func<SqliteHolder, bool> holdsUp)
    {
        var direct = chain.Where(obstacle => holdsUp(obstacle.Holder)).Select(obstacle => obstacle.Holder).ToHashSet();
        return
        [
            .. chain.Where(obstacle => direct.Contains(obstacle.Holder) || obstacle.WaitedForBy.Any(direct.Contains))
                .OrderBy(obstacle => obstacle.WaitsFor.Count > 0)
                .ThenByDescending(obstacle => obstacle.Holder.Strongest),
        ];
    }

    // A lock on PENDING without the whole file waits for every reader. Of a checkpoint that is only certain if it can be but one.
    private static SqliteObstacle WaitOf(SqliteHolder holder, IReadOnlyList<SqliteHolder> all, Func<int, bool> isAsleep)
    {
        var none = new SqliteObstacle(holder);
        if (holder.IsCommitting)
            return none with { WaitsFor = [.. all.Where(other => other != holder && other.Has(SqliteLockKind.Shared))] };
        if (!holder.MayBeCheckpointing || !isAsleep(holder.Pid))
            return none;
        List<SqliteHolder> readers = [.. all.Where(other => other != holder && other.Has(SqliteLockKind.WalRead))];
        return readers.SelectMany(reader => reader.ReadMarks).Distinct().Count() == 1
            ? none with { WaitsFor = readers }
            : none with { MayWaitFor = readers };
    }
}
