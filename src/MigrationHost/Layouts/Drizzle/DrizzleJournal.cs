using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MigrationHost.Layouts;

/// <summary>Drizzle's <c>meta/_journal.json</c>: which files there are, in which order, and by which time its table knows each.</summary>
/// <param name="files">The folder of the migrations.</param>
/// <param name="database">What it calls the kind of database.</param>
internal sealed class DrizzleJournal(MigrationFiles files, string database) : IComparer<string>
{
    public const string Name = "meta/_journal.json";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Default) { WriteIndented = true };

    private List<(string Tag, long When)> _entries = [];

    /// <summary>Its entries as they were last read.</summary>
    public IReadOnlyList<(string Tag, long When)> Entries => _entries;

    /// <summary>Reads it anew.</summary>
    /// <returns>What is wrong with it; null if nothing is.</returns>
    public string? Read()
    {
        try
        {
            using var json = JsonDocument.Parse(files.Read(Name));
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

    /// <summary>Its text with one more entry.</summary>
    /// <param name="tag">The file's name, without its extension.</param>
    /// <param name="now">The time.</param>
    public string With(string tag, DateTimeOffset now)
    {
        var journal = files.Has(Name)
            ? JsonNode.Parse(files.Read(Name))!.AsObject()
            : new JsonObject { ["version"] = "7", ["dialect"] = database, ["entries"] = new JsonArray() };
        var entries = journal["entries"]!.AsArray();
        entries.Add(new JsonObject
        {
            ["idx"] = entries.Count,
            ["version"] = (entries.Count == 0 ? journal["version"] : entries[^1]!["version"])?.DeepClone(),
            ["when"] = Math.Max(now.ToUnixTimeMilliseconds(), _entries.Count == 0 ? 0 : _entries.Max(entry => entry.When) + 1),
            ["tag"] = tag,
            ["breakpoints"] = true,
        });
        return journal.ToJsonString(Indented);
    }

    /// <summary>A snapshot of the same schema, which comes after another one.</summary>
    public static string SnapshotAfter(byte[] last)
    {
        var snapshot = JsonNode.Parse(last)!.AsObject();
        snapshot["prevId"] = snapshot["id"]?.DeepClone();
        snapshot["id"] = Guid.NewGuid().ToString();
        return snapshot.ToJsonString(Indented);
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
