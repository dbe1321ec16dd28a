namespace MigrationHost.Platform;

/// <summary>What the system tells of another process. Everything is best effort.</summary>
internal static class ProcessInfo
{
    /// <summary>The kernel's number of the first PID namespace (PROC_PID_INIT_INO): whoever is in it sees every process.</summary>
    private const string InitialNamespace = "pid:[4026531836]";

    /// <summary>Whether processes may exist that we cannot see, since we live in a PID namespace of our own.</summary>
    public static bool OthersMayBeHidden => !OperatingSystem.IsLinux() || Link("/proc/self/ns/pid") != InitialNamespace;

    /// <summary>The program's name without path and arguments; null where the process is gone or hidden.</summary>
    public static string? Program(int pid) => Text($"/proc/{pid}/comm")?.TrimEnd('\n');

    /// <summary>The whole command line; it can contain secrets.</summary>
    public static string? CommandLine(int pid) => Text($"/proc/{pid}/cmdline")?.Replace('\0', ' ').Trim() is { Length: > 0 } line ? line : null;

    /// <summary>Whether a signal or a debugger has stopped it, so that nothing it holds is let go until somebody lets it go on.</summary>
    public static bool IsStopped(int pid) => Text($"/proc/{pid}/stat") is { } stat && stat[(stat.LastIndexOf(')') + 1)..] is [' ', 'T' or 't', ..];

    /// <summary>How many descriptors a process has open on a file; null where that is not shown to us.</summary>
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

    /// <summary>How many descriptors a process has open on a file, whatever it calls it; null where that is not shown to us.</summary>
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

    private static string? Text(string path)
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

    private static string? Link(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false) is { } target ? target.Name.StartsWith("pid:", StringComparison.Ordinal) ? target.Name : target.FullName : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
