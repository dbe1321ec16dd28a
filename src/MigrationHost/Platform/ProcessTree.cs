using System.Globalization;

namespace MigrationHost.Platform;

/// <summary>All descendants of a process at one moment, from /proc.</summary>
/// <param name="Processes">They, without the root.</param>
/// <param name="Cpu">The CPU time that they and those of them that have ended have used. It can fall by a tick when a process ends.</param>
internal sealed record ProcessTree(IReadOnlyList<TreeProcess> Processes, TimeSpan Cpu)
{
    public static readonly ProcessTree Empty = new([], TimeSpan.Zero);

    private static readonly Lazy<long> TicksPerSecond = new(
        () => LibC.SysConf(LibC.ClockTicksPerSecond) is var ticks and > 0 ? ticks : 100);

    public bool Contains(int pid) => Processes.Any(process => process.Pid == pid);

    /// <summary>The descendants of a process; null if the system does not show them, or it is gone.</summary>
    public static ProcessTree? Below(int root)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var all = All();
        if (!all.TryGetValue(root, out var top) || top.HasEnded)
            return null;
        var found = Below(all, [top]);
        var ticks = top.TicksOfChildren + found.Sum(stat => stat.Ticks + stat.TicksOfChildren);
        return new ProcessTree([.. found.Select(stat => stat.Process)], TimeSpan.FromSeconds((double)ticks / TicksPerSecond.Value));
    }

    /// <summary>What still runs of a session whose leader has ended, and of processes that were seen before, with all that is below them.
    /// </summary>
    /// <param name="leader">The leader's pid: nobody else gets it while one of its session is left.</param>
    /// <param name="seen">The processes that were seen.</param>
    public static ProcessTree LeftOf(int leader, ProcessTree seen)
    {
        var all = All();
        var roots = all.Values
            .Where(stat => (stat.Session == leader && !all.ContainsKey(leader)) || seen.Processes.Any(stat.Process.IsSame)).ToList();
        return new ProcessTree(
            [.. roots.Concat(Below(all, roots)).Distinct().Where(stat => !stat.HasEnded).Select(stat => stat.Process)], TimeSpan.Zero);
    }

    /// <summary>SIGKILL to each that is still the same process.</summary>
    public void Kill()
    {
        foreach (var pid in Alive())
            _ = LibC.Kill(pid, LibC.SigKill);
    }

    /// <summary>Those that still run.</summary>
    public IReadOnlyList<int> Alive() =>
    [
        .. from process in Processes
           where Read(process.Pid) is { HasEnded: false } stat && stat.Process.IsSame(process)
           select process.Pid,
    ];

    private static List<Stat> Below(Dictionary<int, Stat> all, IReadOnlyList<Stat> roots)
    {
        var children = all.Values.ToLookup(stat => stat.Parent);
        var found = new List<Stat>();
        var next = new Stack<int>(roots.Select(root => root.Process.Pid));
        while (next.TryPop(out var parent))
        {
            foreach (var child in children[parent])
            {
                found.Add(child);
                next.Push(child.Process.Pid);
            }
        }
        return found;
    }

    private static Dictionary<int, Stat> All()
    {
        var all = new Dictionary<int, Stat>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                    && Read(pid) is { } stat)
                    all[pid] = stat;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was read so far is what is shown to us.
        }
        return all;
    }

    // The name is in parentheses and may itself contain some: the last one ends it.
    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    private static Stat? Read(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var (open, close) = (text.IndexOf('('), text.LastIndexOf(')'));
            var fields = text[(close + 2)..].Split(' ');
            var process = new TreeProcess(
                pid,
                text[(open + 1)..close],
                fields[0][0],
                ulong.Parse(fields[19], CultureInfo.InvariantCulture));
            return new Stat(
                process,
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                int.Parse(fields[3], CultureInfo.InvariantCulture),
                Ticks(fields, 11) + Ticks(fields, 12),
                Ticks(fields, 13) + Ticks(fields, 14),
                int.Parse(fields[17], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Ticks(string[] fields, int index) => long.Parse(fields[index], CultureInfo.InvariantCulture);

    private sealed record Stat(TreeProcess Process, int Parent, int Session, long Ticks, long TicksOfChildren, int Threads)
    {
        /// <summary>Whether nothing of it runs: the first thread may end before the others, which keep its files open.</summary>
        public bool HasEnded => Process.State == 'Z' && Threads <= 1;
    }
}
