namespace MigrationHost;

/// <summary>Finds the name that a mistyped one most likely meant.</summary>
internal static class NearestName
{
    /// <summary><c>; did you mean 'X'?</c> if a name is near enough, else all there are.</summary>
    public static string Suggest(string wrong, IReadOnlyCollection<string> names) =>
        Find(wrong, names) is { } nearest ? $"; did you mean '{nearest}'?"
        : names.Count == 0 ? ""
        : $"; choose from {string.Join(", ", names)}";

    /// <summary><c>; did you mean 'X'?</c> if a name is near enough, else nothing.</summary>
    public static string IfNear(string wrong, IEnumerable<string> names) =>
        Find(wrong, names) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    /// <summary>Whether a text is so near to a name that it may be quoted: one or two letters are not a secret.</summary>
    public static bool IsNear(string wrong, string name) =>
        wrong.Length > 3 && Math.Abs(wrong.Length - name.Length) <= 2
        && Distance(wrong.ToUpperInvariant(), name.ToUpperInvariant()) <= 2;

    public static string? Find(string wrong, IEnumerable<string> names) =>
        // Two texts are no nearer than their lengths are: nothing is compared with a value of megabytes in the place of a name.
        names.Where(name => Math.Abs(wrong.Length - name.Length) <= Farthest(wrong))
             .Select(name => (name, distance: Distance(wrong.ToUpperInvariant(), name.ToUpperInvariant())))
             .Where(candidate => candidate.distance <= Farthest(wrong))
             .OrderBy(candidate => candidate.distance)
             .Select(candidate => candidate.name)
             .FirstOrDefault();

    private static int Farthest(string wrong) => Math.Max(2, wrong.Length / 3);

    // Levenshtein's distance, one row at a time.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
