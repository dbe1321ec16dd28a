using MigrationHost.Platform;
using MigrationHost.Tools;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The same look, for an external tool that works on the file.</summary>
internal sealed partial class SqliteDiagnosis
{
    /// <param name="sessions">What each of our own connections is doing.</param>
    /// <param name="processes">The tool's processes.</param>
    public ToolDiagnosis TakeForTool(IReadOnlyList<SqliteActivity> sessions, IReadOnlyCollection<int> processes)
    {
        if (ProcLocks.Read() is not { } locks || FileIdentity.Of("/proc/locks") is null)
            return new ToolDiagnosis(Found([], [], "this system does not show who holds a lock on a file", complete: false));

        List<(int Pid, SqliteLockKind Kind)> held = [.. StrongestPerProcess(locks).Where(holder => holder.Pid != Environment.ProcessId || !IsOurs(holder.Kind, sessions))];
        var known = _known.Seen(held.Select(holder => (holder.Pid, SqliteLocks.NameOf(holder.Kind))));
        var own = held.FindAll(holder => processes.Contains(holder.Pid));
        var open = OpenBy(processes);

        // A tool that holds PENDING waits for readers to end; any other waits for the write lock. One that has not the file open waits for neither.
        var waitsToCommit = own.Exists(holder => holder.Kind == SqliteLockKind.Pending);
        var stronger = waitsToCommit ? SqliteLockKind.Shared : SqliteLockKind.WalCheckpoint;
        var others = open == 0 ? [] : held.FindAll(holder => !processes.Contains(holder.Pid) && holder.Kind >= stronger);

        // POSIX knows a lock's process, not its connection: two connections on one file, one of which writes, are what shows.
        var itself = others.Count == 0 && open > 1 ? own.FindAll(holder => holder.Kind >= SqliteLockKind.WalWrite) : [];

        var hidden = ProcessInfo.OthersMayBeHidden && others.Count == 0 && itself.Count == 0;
        return new ToolDiagnosis(
            Found(
                [.. held.Where(holder => holder.Kind > SqliteLockKind.Connected).OrderByDescending(holder => holder.Kind).Select(Describe)],
                [.. (itself.Count > 0 ? itself : others).OrderByDescending(holder => holder.Kind).Select(Describe)],
                string.Join("; ", Notes(held, sessions, hidden)),
                complete: !hidden),
            BlocksItself: itself.Count > 0);

        Blocker Describe((int Pid, SqliteLockKind Kind) holder) => Holder(holder.Pid, holder.Kind, known[(holder.Pid, SqliteLocks.NameOf(holder.Kind))]);
    }

    /// <summary>How many connections the tool has to the file; null where that is not shown to us.</summary>
    private int? OpenBy(IReadOnlyCollection<int> processes) =>
        FileIdentity.Of(path) is not { } file ? null
        : processes.Select(pid => ProcessInfo.OpenDescriptors(pid, file)).Aggregate((int?)0, (sum, count) => sum + count);
}
