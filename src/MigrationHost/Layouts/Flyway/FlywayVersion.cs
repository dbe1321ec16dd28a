namespace MigrationHost.Layouts;

/// <summary>Flyway's ids: dotted numbers, compared part by part, where zeros at the end do not count; then the repeatable ones by
/// name.</summary>
internal sealed class FlywayVersion : IComparer<string>
{
    /// <summary>What the id of a repeatable migration begins with.</summary>
    public const string Repeatable = "R__";

    public static readonly FlywayVersion Order = new();

    private FlywayVersion()
    {
    }

    /// <summary>Reads a version in any form that people write: <c>1_2</c>, <c>01.2.0</c>.</summary>
    /// <returns>Its one form; null if it is not a version.</returns>
    public static string? Read(string text)
    {
        if (text.StartsWith(Repeatable, StringComparison.Ordinal) && text.Length > Repeatable.Length)
            return text;
        var parts = text.Replace('_', '.').Split('.').Select(part => NumberedVersion.Read(part)).ToList();
        while (parts.Count > 1 && parts[^1] == "0")
            parts.RemoveAt(parts.Count - 1);
        return parts.Contains(null) ? null : string.Join('.', parts);
    }

    public int Compare(string? x, string? y)
    {
        var (left, right) = (IsRepeatable(x), IsRepeatable(y));
        if (left || right)
            return left && right ? string.CompareOrdinal(x, y) : left.CompareTo(right);
        string[] xs = (x ?? "").Split('.'), ys = (y ?? "").Split('.');
        for (var i = 0; i < Math.Min(xs.Length, ys.Length); i++)
        {
            if (NumberedVersion.Order.Compare(xs[i], ys[i]) is var order and not 0)
                return order;
        }
        return xs.Length.CompareTo(ys.Length);
    }

    public static bool IsRepeatable(string? id) => id?.StartsWith(Repeatable, StringComparison.Ordinal) is true;
}
