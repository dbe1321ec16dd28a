using System.Text;
using System.Text.RegularExpressions;

namespace MigrationHost.Scripts;

/// <summary>Blanks the plain BEGIN and COMMIT around a script, which <see cref="TransactionControl"/> leaves out.</summary>
internal static partial class PlainPair
{
    /// <param name="text">A script that has such a pair.</param>
    /// <returns>The script without it; null if it cannot be told from the text alone where it stands.</returns>
    public static ScriptText? Without(ScriptText text)
    {
        var code = CodeOf(text);
        var (first, last) = (First().Match(code), Last().Match(code));
        var (begin, commit) = (first.Groups["word"], last.Groups["word"]);
        return !begin.Success || !commit.Success
            ? null
            : text.Only([0..begin.Index, (begin.Index + begin.Length)..commit.Index, (commit.Index + commit.Length)..]);
    }

    // One letter for each byte, so that places are the same; what is not code is blank.
    private static string CodeOf(ScriptText text)
    {
        var code = text.Utf8.ToArray();
        for (var scanner = new SqlScanner(text.Utf8, text.Syntax); scanner.MoveNext();)
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
