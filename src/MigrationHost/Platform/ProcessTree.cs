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
        if (!all.TryGetValue(root, out var top))
            return null;
        var children = all.Values.ToLookup(stat => stat.Parent);
        var found = new List<TreeProcess>();
        long ticks = top.TicksOfChildren;
        var next = new Stack<int>([root]);
        while (next.TryPop(out var parent))
        {
            foreach (var child in children[parent])
            {
                found.Add(child.Process);
                ticks += child.Ticks + child.TicksOfChildren;
                next.Push(child.Process.Pid);
            }
        }
        return new ProcessTree(found, TimeSpan.FromSeconds((double)ticks / TicksPerSecond.Value));
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
           where Read(process.Pid) is { } stat && stat.Process.Started == process.Started && stat.Process.State != 'Z'
           select process.Pid,
    ];

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
                Ticks(fields, 11) + Ticks(fields, 12),
                Ticks(fields, 13) + Ticks(fields, 14));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Ticks(string[] fields, int index) => long.Parse(fields[index], CultureInfo.InvariantCulture);

    private sealed record Stat(TreeProcess Process, int Parent, long Ticks, long TicksOfChildren);
}
