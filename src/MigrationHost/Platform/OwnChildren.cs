using System.Collections.Concurrent;

namespace MigrationHost.Platform;

/// <summary>The processes that migrate for this one. What they hold is held by us.</summary>
internal static class OwnChildren
{
    private static readonly ConcurrentDictionary<int, int> Pids = new();

    /// <summary>Whether a process of this PID namespace is one of them.</summary>
    public static bool Contains(int pid) => Pids.ContainsKey(pid);

    /// <summary>The same for a process that is known by its token.</summary>
    public static bool Contains(ProcessToken? token) =>
        token is not null && token.Boot == ProcessToken.Own?.Boot && token.Namespace == ProcessToken.Own.Namespace && Contains(token.Pid);

    /// <summary>Counts a process as ours until that is disposed.</summary>
    public static IDisposable Add(int pid)
    {
        Pids[pid] = pid;
        return new Membership(pid);
    }

    private sealed class Membership(int pid) : IDisposable
    {
        public void Dispose() => Pids.TryRemove(pid, out _);
    }
}
