using System.Text.RegularExpressions;

namespace MigrationHost.Databases.MySql;

/// <summary>A part of a statement's text, its comments left out.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it is written; of a variable its name with <c>@</c> and without quotes.</param>
/// <param name="At">Where it begins in the statement.</param>
internal readonly partial record struct MySqlToken(MySqlTokenKind Kind, string Text, int At)
{
    public bool IsWord(string word) => Kind == MySqlTokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsSign(string sign) => Kind == MySqlTokenKind.Sign && Text == sign;

    /// <param name="text">A statement's text.</param>
    /// <param name="escapes">Whether a backslash escapes in strings.</param>
    public static List<MySqlToken> Read(string text, bool escapes) =>
        [.. (escapes ? Escaping() : Literally()).Matches(text).Where(match => !match.Groups["none"].Success).Select(Of)];

    /// <summary>The user variables that a text mentions: it may run as a statement later.</summary>
    public static IEnumerable<string> Mentioned(string text) =>
        text.Contains('@', StringComparison.Ordinal) ? Variable().Matches(text).Select(match => NameOf(match.Groups["variable"])) : [];

    private static MySqlToken Of(Match match)
    {
        var groups = match.Groups;
        return groups["variable"] is { Success: true } variable ? new(MySqlTokenKind.Variable, NameOf(variable), match.Index)
            : groups["system"].Success ? new(MySqlTokenKind.System, match.Value, match.Index)
            : groups["text"].Success ? new(MySqlTokenKind.Literal, match.Value, match.Index)
            : groups["word"].Success ? new(MySqlTokenKind.Word, match.Value, match.Index)
            : groups["name"].Success ? new(MySqlTokenKind.Name, match.Value.Trim('`'), match.Index)
            : new(MySqlTokenKind.Sign, match.Value, match.Index);
    }

    private static string NameOf(Group variable) =>
        "@" + (variable.Value[0] is '`' or '\'' or '"' ? variable.Value[1..^1] : variable.Value);

    // An executable comment is code for the server: only its marks are left out.
    private const string Comment = @"(?<none>\s+|\#[^\n]*|--(?![^\s\p{C}])[^\n]*|/\*(?!M?!)(?>.*?\*/|.*)|/\*M?!\d{0,6}|\*/)";
    private const string VariableName = @"(?<![@\w$])@(?<variable>[\w$.]+|`[^`]*`|'[^']*'|""[^""]*"")";
    private const string Rest = @"|(?<system>@@[\w$.]+)|(?<name>`(?>(?:[^`]|``)*)`)|(?<text>\.?\d[\w.]*)|(?<word>[\w$]+)|(?<sign>:=|.)";
    private const RegexOptions Options = RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(
        Comment + "|" + VariableName
            + @"|(?<text>'(?>[^'\\]*((\\.|'')[^'\\]*)*)'|""(?>[^""\\]*((\\.|"""")[^""\\]*)*)"")" + Rest,
        Options)]
    private static partial Regex Escaping();

    [GeneratedRegex(
        Comment + "|" + VariableName + @"|(?<text>'(?>[^']*(''[^']*)*)'|""(?>[^""]*(""""[^""]*)*)"")" + Rest,
        Options)]
    private static partial Regex Literally();

    [GeneratedRegex(VariableName, Options)]
    private static partial Regex Variable();
}
