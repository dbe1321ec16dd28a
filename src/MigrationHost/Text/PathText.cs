using System.Text.RegularExpressions;

namespace MigrationHost;

/// <summary>Settings that are paths, or names of programs.</summary>
internal static partial class PathText
{
    private const string Hidden = "(not shown: it looks like a connection string, or has a password in it)";

    /// <summary>What no path can have, if a path is expected; null if there is none of it.</summary>
    public static string? Problem(string path) => path.Contains('\0', StringComparison.Ordinal) ? "has a NUL character in it" : null;

    /// <summary>The path for messages: a connection string or a command line in the wrong setting is not quoted.</summary>
    public static string Show(string path) => ConnectionString().IsMatch(path) ? Hidden : path;

    /// <summary>Where a path was looked for, as <see cref="Show"/>.</summary>
    public static string ShowFull(string path, string contentRoot) => Show(path) == path ? Path.GetFullPath(path, contentRoot) : Hidden;

    [GeneratedRegex(
        @"://|[\w ]+=[^;]*;|(password|passwd|pwd|pass|secret|token|key)\s*=|\s--?\w"
            + @"|\b(host|server|data source|user|username|user id|dbname|database)\s*=|^\w[^/]*:[^/]*@",
        RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionString();
}
