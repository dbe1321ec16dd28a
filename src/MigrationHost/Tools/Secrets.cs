using System.Text.RegularExpressions;

namespace MigrationHost.Tools;

/// <summary>Takes passwords out of what a tool writes: of addresses (<c>scheme://user:password@host</c>) and of <c>password=…</c>.</summary>
internal static partial class Secrets
{
    public static string Hide(string line)
    {
        if (line.Contains("://", StringComparison.Ordinal))
            line = InAddress().Replace(line, "${before}***${after}");
        return line.Contains("pass", StringComparison.OrdinalIgnoreCase) || line.Contains("pwd", StringComparison.OrdinalIgnoreCase) ? InPair().Replace(line, "${before}***") : line;
    }

    [GeneratedRegex(@"(?<before>://[^:/@\s]*:)\S+(?<after>@)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InAddress();

    [GeneratedRegex(@"(?<before>\b(PGPASSWORD|password|passwd|pwd)\s*=\s*)(""[^""]*""|'[^']*'|[^\s;&,'""]+)", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InPair();
}
