using System.Text;

namespace MigrationHost.Tests.Support;

/// <summary>Finds processes by a mark that the test puts into their environment, and looks at their threads.</summary>
internal static class Processes
{
    /// <summary>All that carry <c>MARK=mark</c> and still run, whoever their parent is.</summary>
    public static IReadOnlyList<int> Marked(string mark) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && Read($"/proc/{pid}/environ").Split('\0').Contains($"MARK={mark}")),
    ];

    /// <summary>Whether a process has a thread whose name begins so; names are cut after 15 characters.</summary>
    public static bool HasThread(int pid, string name) =>
        Directory.EnumerateDirectories($"/proc/{pid}/task").Any(thread => Read($"{thread}/comm").StartsWith(name, StringComparison.Ordinal));

    // The environment of a process that has ended is empty.
    private static string Read(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
