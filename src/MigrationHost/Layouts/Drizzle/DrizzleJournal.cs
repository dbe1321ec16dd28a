using System.Globalization;
using System.Text.Json;

namespace MigrationHost.Layouts;

/// <summary>Drizzle's <c>meta/_journal.json</c>: which files there are, in which order, and by which time its table knows each.</summary>
/// <param name="path">The folder of the migrations.</param>
internal sealed class DrizzleJournal(string path) : IComparer<string>
{
    public const string Name = "meta/_journal.json";

    private List<(string Tag, long When)> _entries = [];

    /// <summary>Its entries as they were last read.</summary>
    public IReadOnlyList<(string Tag, long When)> Entries => _entries;

    /// <summary>Reads it anew.</summary>
    /// <returns>What is wrong with it; null if nothing is.</returns>
    public string? Read()
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, Name)));
            _entries =
            [
                .. json.RootElement.GetProperty("entries").EnumerateArray()
                    .Select(entry => (entry.GetProperty("tag").GetString() ?? "", entry.GetProperty("when").GetInt64())),
            ];
            return null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return $"is not a journal of Drizzle: {e.Message}";
        }
    }

    /// <summary>The id of the row with this time: the entry's tag, or the time itself where the journal does not have it.</summary>
    public string TagOf(long when) =>
        _entries.FirstOrDefault(entry => entry.When == when).Tag ?? when.ToString(CultureInfo.InvariantCulture);

    /// <summary>What stands before the entry of this time.</summary>
    /// <remarks>Drizzle goes by the time alone, and would never run an entry that was merged in later with an older one.</remarks>
    public IEnumerable<(string Tag, long When)> EntriesBefore(long when) =>
        _entries.FindIndex(entry => entry.When == when) is var place and >= 0
            ? _entries.Take(place)
            : _entries.Where(entry => entry.When < when);

    public long WhenOf(string tag) => _entries.First(entry => entry.Tag == tag).When;

    public int Compare(string? x, string? y) => Place(x) is var place && Place(y) is var other && place != other
        ? place.CompareTo(other)
        : string.CompareOrdinal(x, y);

    // A later release's, or nobody's: behind all that are known.
    private int Place(string? tag) => _entries.FindIndex(entry => entry.Tag == tag) is var found and >= 0 ? found : int.MaxValue;
}
