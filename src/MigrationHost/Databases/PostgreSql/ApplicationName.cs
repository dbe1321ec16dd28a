using System.Globalization;
using MigrationHost.Platform;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What our sessions are called on the server: <c>migrationhost:</c>, the token of the process, and how far it is. The server keeps 63 bytes of it.</summary>
internal static class ApplicationName
{
    public const string Prefix = "migrationhost:";

    private const int Longest = 63;

    /// <summary>The name of a session of this process.</summary>
    public static string Own { get; } = Prefix + (ProcessToken.Own?.ToString() ?? Guid.NewGuid().ToString("N"));

    /// <summary>The name of the sessions of an external tool that runs for this process, where it takes its name from the environment.</summary>
    public static string Tool { get; } = Shorten($"tool of {Own}");

    /// <summary>The same with a mark that changes whenever the run makes progress.</summary>
    public static string With(long mark) => Shorten(string.Create(CultureInfo.InvariantCulture, $"{Own} {mark:x}"));

    private static string Shorten(string name) => name.Length <= Longest ? name : name[..Longest];

    /// <summary>The token in the name of one of our sessions; null where it has none, or is not ours.</summary>
    public static ProcessToken? TokenOf(string? name) =>
        name?.StartsWith(Prefix, StringComparison.Ordinal) == true ? ProcessToken.Parse(name[Prefix.Length..].Split(' ')[0]) : null;

    /// <summary>The mark in the name of one of our sessions.</summary>
    public static long MarkOf(string name) =>
        name.Split(' ') is [_, var mark] && long.TryParse(mark, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
