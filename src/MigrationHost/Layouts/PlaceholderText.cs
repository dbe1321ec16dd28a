using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A script in which values stand in place of <c>${name}</c>.</summary>
/// <param name="Text">It, filled in.</param>
/// <param name="Unknown">The placeholders that have no value: line, what is written there, and the name.</param>
internal sealed partial record PlaceholderText(string Text, IReadOnlyList<(int Line, string Written, string Name)> Unknown)
{
    /// <param name="text">The script as it is written.</param>
    /// <param name="value">Gives the value of a name; null if it has none.</param>
    public static PlaceholderText Of(ScriptText text, Func<string, string?> value)
    {
        var written = Encoding.UTF8.GetString(text.Utf8);
        var unknown = new List<(int, string, string)>();
        var (line, counted) = (1, 0);

        // Behind the last '}' there is none, and each '${' would be followed to the end of the text.
        var end = written.LastIndexOf('}') + 1;
        var filled = Placeholder().Replace(written[..end], found =>
        {
            var name = found.Groups["name"].Value;
            if (value(name) is { } known)
                return known;
            line += written.AsSpan(counted, found.Index - counted).Count('\n');
            counted = found.Index;
            unknown.Add((line, found.Value, name));
            return found.Value;
        });
        return new PlaceholderText(filled + written[end..], unknown);
    }

    /// <summary>Why a script with such a placeholder may not run.</summary>
    public static string Problem(string written) => $"has a placeholder without a value: {written}";

    /// <summary>What to do about it.</summary>
    public static string Remedy(string name) => $"Set Placeholders:{name} for this database";

    [GeneratedRegex(@"\$\{(?<name>[^}]*)\}")]
    private static partial Regex Placeholder();
}
