using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MigrationHost.Platform;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// What our sessions are called on the server: <c>migrationhost:</c>, the token of the process, and
/// how far it is. The server keeps 63 bytes of it.
/// </summary>
internal static class ApplicationName
{
    public const string Prefix = "migrationhost:";

    /// <summary>In front of the name of the instance that runs an external tool: so the sessions of that are called.</summary>
    public const string ToolOf = "tool of ";

    /// <summary>What the names of all sessions of external tools begin with.</summary>
    public const string ToolPrefix = ToolOf + Prefix;

    private const int Longest = 63;

    /// <summary>The name of a session of this process.</summary>
    public static string Own { get; } = Prefix + (ProcessToken.Own?.ToString() ?? Guid.NewGuid().ToString("N"));

    /// <summary>
    /// The name of the sessions of an external tool that runs for this process, if it takes its name from the environment.
    /// </summary>
    /// <param name="database">The name in the configuration of the database that it runs for: several tools may run side by side.</param>
    public static string OfTool(string database)
    {
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(database)), 0, 2);
        return $"{Shorten(ToolOf + Own, Longest - tag.Length - 1)} {tag}";
    }

    /// <summary>The same with a mark that changes whenever the run makes progress.</summary>
    public static string With(long mark) => Shorten(string.Create(CultureInfo.InvariantCulture, $"{Own} {mark:x}"));

    /// <summary>The token of the process that such a tool ran for; null if the name has none.</summary>
    public static ProcessToken? TokenOfTool(string name) =>
        name.StartsWith(ToolPrefix, StringComparison.Ordinal) ? TokenOf(name[(ToolPrefix.Length - Prefix.Length)..]) : null;

    private static string Shorten(string name, int longest = Longest) => name.Length <= longest ? name : name[..longest];

    /// <summary>The token in the name of one of our sessions; null if it has none, or is not ours.</summary>
    public static ProcessToken? TokenOf(string? name) =>
        name?.StartsWith(Prefix, StringComparison.Ordinal) == true ? ProcessToken.Parse(name[Prefix.Length..].Split(' ')[0]) : null;

    /// <summary>The mark in the name of one of our sessions.</summary>
    public static long MarkOf(string name) =>
        name.Split(' ') is [_, var mark] && long.TryParse(mark, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
            ? value
            : 0;
}
