namespace MigrationHost.Layouts;

/// <summary>Ids that are text, in the order of text.</summary>
internal sealed class TextVersion : IComparer<string>
{
    public static readonly TextVersion Order = new("");

    /// <summary>For ids that are the beginning of names, which are what is compared: <c>10_x</c> comes before <c>1_x</c>.</summary>
    public static readonly TextVersion OrderOfNames = new("_");

    private readonly string _next;

    private TextVersion(string next) => _next = next;

    /// <summary>Reads an id as people write it.</summary>
    public static string? Read(string text, out string problem)
    {
        problem = "an id has no line end and is not empty";
        return text.Length > 0 && text.AsSpan().IndexOfAny('\r', '\n') < 0 ? text : null;
    }

    public int Compare(string? x, string? y) => string.CompareOrdinal(x + _next, y + _next);
}
