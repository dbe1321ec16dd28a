using System.Globalization;

namespace MigrationHost.Child;

/// <summary>What a host and the child process that migrates for it agree on. Both are the same version, or nothing happens.</summary>
/// <remarks>
/// The host starts <c>migrationhost child VERSION</c> with the settings of one database in an environment variable, which only the same
/// user can read. The child answers on stdout: first a line with its version and its pid, then one <see cref="ChildMessage"/> a line.
/// Its stderr is for people.
/// </remarks>
internal static class ChildProtocol
{
    /// <summary>The hidden command.</summary>
    public const string Command = "child";

    /// <summary>The environment variable with the <see cref="ChildOrder"/>.</summary>
    public const string Variable = "MIGRATIONHOST_CHILD";

    /// <summary>In characters. With thousands of migrations one status is long.</summary>
    public const int LongestLine = 16 << 20;

    private const string Greeting = "migrationhost child";

    // Grows whenever two builds of one version would misunderstand each other.
    private const int Number = 3;

    /// <summary>This version, as both say it.</summary>
    public static string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"{Instance.Version}/{Number}");

    /// <summary>The child's first line.</summary>
    public static string FirstLine => string.Create(CultureInfo.InvariantCulture, $"{Greeting} {Version} {Environment.ProcessId}");

    /// <summary>Reads the child's first line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="pid">The child's pid; 0 if the line is not understood.</param>
    /// <returns>The child's version; null if it is not the first line of a child.</returns>
    public static string? VersionIn(string line, out int pid)
    {
        pid = 0;
        return line.StartsWith(Greeting + " ", StringComparison.Ordinal)
            && line[(Greeting.Length + 1)..].Split(' ') is [{ Length: > 0 and < 40 } version, var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out pid)
            ? version
            : null;
    }
}
