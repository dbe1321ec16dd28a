namespace MigrationHost.Platform;

/// <summary>What the system says of another process. Everything is best effort.</summary>
internal static class ProcessInfo
{
    /// <summary>The kernel's number of the first PID namespace (PROC_PID_INIT_INO): whoever is in it sees every process.</summary>
    private const string InitialNamespace = "pid:[4026531836]";

    /// <summary>Whether processes may exist that we cannot see, since we live in a PID namespace of our own.</summary>
    public static bool OthersMayBeHidden => !OperatingSystem.IsLinux() || Link("/proc/self/ns/pid") != InitialNamespace;

    /// <summary>The program's name without path and arguments; null if the process is gone or hidden.</summary>
    public static string? Program(int pid) => Text($"/proc/{pid}/comm")?.TrimEnd('\n');

    /// <summary>The whole command line; it can contain secrets.</summary>
    public static string? CommandLine(int pid) =>
        Text($"/proc/{pid}/cmdline")?.Replace('\0', ' ').Trim() is { Length: > 0 } line ? line : null;

    /// <summary>How many descriptors a process has open on a file; null if that is not shown to us.</summary>
    public static int? OpenDescriptors(int pid, string path)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{pid}/fd").Count(descriptor => Link(descriptor) == path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How many descriptors a process has open on a file, whatever it calls it; null if that is not shown to us.</summary>
    public static int? OpenDescriptors(int pid, FileIdentity file)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{pid}/fd").Count(descriptor => FileIdentity.Of(descriptor) == file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether all threads of a process sleep: none computes, and none waits for a disk. False also if that is not shown to us.
    /// </summary>
    public static bool IsAsleep(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task").All(thread => StateIn(Text($"{thread}/stat")) == 'S');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The text of a file in /proc; null if it is gone or hidden.</summary>
    public static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Where a link in /proc points to; null if it is gone or hidden.</summary>
    public static string? Link(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false) switch
            {
                { Name: var name } when name.StartsWith("pid:", StringComparison.Ordinal) => name,
                { FullName: var target } => target,
                null => null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // The name is in parentheses and may itself contain some: the last one ends it.
    private static char? StateIn(string? stat) => stat?[(stat.LastIndexOf(')') + 1)..] is [' ', var state, ..] ? state : null;
}
