using MigrationHost.Platform;

namespace MigrationHost.Tools;

/// <summary>Finds programs as a shell would.</summary>
internal static class ExecutableFile
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// The full path of a configured program; null if there is none. If its folders do not answer, as on a network mount that is gone, it
    /// counts as found: starting it has a limit.
    /// </summary>
    /// <param name="configured">A name, looked up on the PATH; or a path, relative to the content root.</param>
    /// <param name="contentRoot">The content root.</param>
    /// <param name="path">The PATH of the tool's environment.</param>
    public static string? Find(string configured, string contentRoot, string? path)
    {
        if (!IsPath(configured))
            return BriefLook.Take(() => OnPath(configured, path), configured);
        var full = Path.GetFullPath(configured, contentRoot);
        return BriefLook.Take(() => IsExecutable(full), true) ? full : null;
    }

    /// <summary>Why <see cref="Find"/> finds nothing, in words.</summary>
    public static string WhyNot(string configured, string contentRoot) =>
        IsCommandLine(configured) ? "is a command line, not a program"
        : PathText.Show(configured) is var shown && shown != configured ? $"is not a program {shown}"
        : !IsPath(configured) ? $"'{configured}' is not on the PATH"
        : Path.GetFullPath(configured, contentRoot) is var full && Directory.Exists(full) ? $"{full} is a directory"
        : File.Exists(full) ? $"{full} is not executable (chmod +x)"
        : $"there is no {full}";

    /// <summary>Whether it has arguments or variables, too.</summary>
    public static bool IsCommandLine(string configured) => configured.AsSpan().Trim().ContainsAny(' ', '=');

    /// <summary>The first executable file of that name in the folders of a PATH.</summary>
    public static string? OnPath(string name, string? path) =>
        (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => Names(name), (folder, file) => Path.GetFullPath(Path.Combine(folder, file)))
            .FirstOrDefault(IsExecutable);

    private static bool IsPath(string configured) =>
        configured.Contains('/', StringComparison.Ordinal) || configured.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static IEnumerable<string> Names(string name) =>
        OperatingSystem.IsWindows() ? [name, $"{name}.exe", $"{name}.cmd", $"{name}.bat"] : [name];

    private static bool IsExecutable(string path)
    {
        try
        {
            return File.Exists(path)
                && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
