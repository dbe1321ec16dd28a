using System.Text;
using System.Text.RegularExpressions;

namespace MigrationHost.Scripts;

/// <summary>Blanks the plain BEGIN and COMMIT around a script, which <see cref="TransactionControl"/> leaves out.</summary>
internal static partial class PlainPair
{
    /// <param name="text">A script that has such a pair.</param>
    public static ScriptText Without(ScriptText text)
    {
        var code = CodeOf(text.Utf8);
        var (first, last) = (First().Match(code), Last().Match(code));
        var (begin, commit) = (first.Groups["word"], last.Groups["word"]);
        return text.Only([0..begin.Index, (begin.Index + begin.Length)..commit.Index, (commit.Index + commit.Length)..]);
    }

    // One letter for each byte, so that places are the same; what is not code is blank.
    private static string CodeOf(ReadOnlySpan<byte> utf8)
    {
        var code = utf8.ToArray();
        for (var scanner = new SqlScanner(utf8); scanner.MoveNext();)
            code.AsSpan(scanner.Start..scanner.End).Fill((byte)' ');
        return Encoding.Latin1.GetString(code);
    }

    [GeneratedRegex(@"^(\s|;|PRAGMA[^;]*;)*(?<word>(BEGIN|START)(\s+(TRANSACTION|WORK))?\s*;)", RegexOptions.IgnoreCase)]
    private static partial Regex First();

    [GeneratedRegex(
        @"(?<word>\b(COMMIT|END)(\s+(TRANSACTION|WORK))?\s*(;|$))(\s|;|PRAGMA[^;]*(;|$))*$",
        RegexOptions.IgnoreCase | RegexOptions.RightToLeft)]
    private static partial Regex Last();
}
