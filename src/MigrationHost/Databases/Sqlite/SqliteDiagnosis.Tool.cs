using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The same look, for an external tool that works on the file.</summary>
internal sealed partial class SqliteDiagnosis
{
    /// <param name="sessions">What each of our own connections is doing.</param>
    /// <param name="processes">The tool's processes.</param>
    public ToolDiagnosis TakeForTool(IReadOnlyList<SqliteActivity> sessions, IReadOnlyCollection<int> processes)
    {
        if (SqliteSnapshot.Read(path) is not { } seen)
            return new ToolDiagnosis(Found([], [], [NotShown]));

        var held = SqliteOwn.Others(seen, sessions);
        var chain = SqliteWay.Chain(held, ProcessInfo.IsAsleep);
        var known = _known.Seen(held.Select(Key));
        var own = held.Where(holder => processes.Contains(holder.Pid)).ToList();
        var open = OpenBy(processes);

        // A tool that holds PENDING waits for readers to end; any other waits for the write lock. One that has not the file open waits for
        // neither.
        var waitsFor = own.Exists(holder => holder.IsCommitting) ? SqliteActivity.WaitsToCommit : SqliteActivity.WaitsToWrite;
        List<SqliteObstacle> others = open == 0 ? [] :
        [
            .. SqliteWay.Of(chain, holder => !processes.Contains(holder.Pid) && holder.HoldsUp(waitsFor))
                .Where(obstacle => !processes.Contains(obstacle.Holder.Pid)),
        ];

        // POSIX knows a lock's process, not its connection: two connections on one file, one of which writes, are what shows.
        var itself = others.Count == 0 && open > 1
            ? SqliteWay.Of(chain, holder => own.Contains(holder) && holder.Strongest >= SqliteLockKind.WalWrite)
            : [];
        var inTheWay = itself.Count > 0 ? itself : others;
        return new ToolDiagnosis(
            Found(
                [
                    .. chain.Where(obstacle => obstacle.Holder.Strongest > SqliteLockKind.Connected)
                        .OrderByDescending(obstacle => obstacle.Holder.Strongest)
                        .Select(Describe),
                ],
                [.. inTheWay.Select(Describe)],
                WhatMayBeHidden(seen, found: inTheWay.Count > 0),
                Notes(seen)),
            BlocksItself: itself.Count > 0);

        (int, string) Key(SqliteHolder holder) => (holder.Pid, SqliteLocks.NameOf(holder.Strongest));
        Blocker Describe(SqliteObstacle obstacle) => _words.Describe(obstacle, known[Key(obstacle.Holder)], mustClose: false);
    }

    /// <summary>How many connections the tool has to the file; null where that is not shown to us.</summary>
    private int? OpenBy(IReadOnlyCollection<int> processes) =>
        FileIdentity.Of(path) is not { } file ? null
        : processes.Select(pid => ProcessInfo.OpenDescriptors(pid, file)).Aggregate((int?)0, (sum, count) => sum + count);
}
