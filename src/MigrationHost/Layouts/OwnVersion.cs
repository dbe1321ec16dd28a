namespace MigrationHost.Layouts;

/// <summary>The ids of a folder of our own: numbers, and behind all of them the repeatable migrations by name.</summary>
internal sealed class OwnVersion : IComparer<string>
{
    /// <summary>What the id, and the file, of a repeatable migration begins with.</summary>
    public const string Repeatable = "R__";

    public const string Problem = $"{NumberedVersion.Problem}, or {Repeatable} and the description of a repeatable migration";

    public static readonly OwnVersion Order = new();

    private OwnVersion()
    {
    }

    public static bool IsRepeatable(string? id) => id?.StartsWith(Repeatable, StringComparison.Ordinal) is true;

    /// <summary>Reads a version in any form that people write.</summary>
    /// <returns>Its one form; null if it is not a version.</returns>
    public static string? Read(string text) => IsRepeatable(text) && text.Length > Repeatable.Length ? text : NumberedVersion.Read(text);

    public int Compare(string? x, string? y) => (IsRepeatable(x), IsRepeatable(y)) switch
    {
        (true, true) => string.CompareOrdinal(x, y),
        (false, false) => NumberedVersion.Order.Compare(x, y),
        var (repeats, _) => repeats ? 1 : -1,
    };
}
