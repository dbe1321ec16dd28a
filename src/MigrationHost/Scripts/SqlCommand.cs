using System.Globalization;
using System.Text.RegularExpressions;

namespace MigrationHost.Scripts;

/// <summary>One statement for a database, run as it stands.</summary>
/// <param name="Text">The SQL.</param>
/// <param name="Values">The values of <c>$1</c>, <c>$2</c> and so on, which appear in that order.</param>
internal sealed partial record SqlCommand(string Text, params object?[] Values)
{
    public static implicit operator SqlCommand(string text) => new(text);

    /// <summary>Its text with the values in it, but not in strings and quoted names.</summary>
    /// <param name="literal">Writes a value.</param>
    public string Filled(Func<object?, string> literal) => Values.Length == 0 ? Text : QuotedOrParameter().Replace(
        Text,
        found => found.ValueSpan[0] == '$'
            ? literal(Values[int.Parse(found.ValueSpan[1..], CultureInfo.InvariantCulture) - 1])
            : found.Value);

    [GeneratedRegex("""'[^']*'|"[^"]*"|`[^`]*`|\$\d+""", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedOrParameter();
}
