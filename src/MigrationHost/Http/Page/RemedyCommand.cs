using System.Text.RegularExpressions;

namespace MigrationHost.Http.Page;

/// <summary>The part of a remedy that can be copied and run.</summary>
internal static partial class RemedyCommand
{
    /// <summary>The command in it; null if it is advice in words only.</summary>
    public static string? In(string remedy) => Command().Match(remedy) is { Success: true, Value: var command } ? command : null;

    [GeneratedRegex(
        @"select pg_\w+_backend\(\d+\)(, pg_\w+_backend\(\d+\))*|\b(commit|rollback) prepared '[^']*'|"
            + @"\bkill( -\w+)? \d+(; kill \d+)*|\bsqlite3 '[^']*' '[^']*'|\bfuser -v [^\s)]+",
        RegexOptions.IgnoreCase)]
    private static partial Regex Command();
}
