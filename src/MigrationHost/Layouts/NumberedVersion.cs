namespace MigrationHost.Layouts;

/// <summary>
/// The ids of a folder of our own: whole numbers of any length, shown and stored without leading zeros, in the order of numbers.
/// </summary>
internal sealed class NumberedVersion : IComparer<string>
{
    public const string Problem = "a version is a whole number";

    public static readonly NumberedVersion Order = new();

    private NumberedVersion()
    {
    }

    /// <summary>Reads a version in any form that people write.</summary>
    /// <returns>Its one form; null if it is not a version.</returns>
    public static string? Read(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.IndexOfAnyExceptInRange('0', '9') >= 0)
            return null;
        var digits = text.TrimStart('0');
        return digits.IsEmpty ? "0" : digits.ToString();
    }

    public int Compare(string? x, string? y)
    {
        var byLength = (x?.Length ?? -1).CompareTo(y?.Length ?? -1);
        return byLength != 0 ? byLength : string.CompareOrdinal(x, y);
    }
}
