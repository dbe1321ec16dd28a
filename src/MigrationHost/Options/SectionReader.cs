using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace MigrationHost;

/// <summary>
/// Reads one configuration section strictly: what nobody asked for is unknown, and a value of the wrong form is a problem, never a guess.
/// </summary>
/// <remarks>What was not understood is not quoted: it may be a connection string in the wrong place. A key that is not known is named by
/// its position.</remarks>
/// <param name="section">The section.</param>
/// <param name="path">Its path for messages.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed class SectionReader(IConfigurationSection section, string path, List<string> problems)
{
    private const string OneValue = "has entries below it, but takes one value";

    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    public string? Text(string key)
    {
        var child = Ask(key);
        if (child.GetChildren().Any())
            problems.Add($"{path}:{key}: {OneValue}");
        return string.IsNullOrWhiteSpace(child.Value) ? null : Sound(child.Value, $"{path}:{key}");
    }

    /// <summary>One of an enumeration's names.</summary>
    public T Choice<T>(string key, T fallback) where T : struct, Enum =>
        Choice(key, Enum.GetValues<T>().ToDictionary(value => value.ToString(), StringComparer.OrdinalIgnoreCase)) ?? fallback;

    /// <summary>One of the names that there are; null if none is set, or an unknown one.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="choices">What the names mean.</param>
    /// <param name="refused">Takes the setting if its value was refused.</param>
    public T? Choice<T>(string key, IReadOnlyDictionary<string, T> choices, ISet<string>? refused = null) where T : struct, Enum
    {
        var before = problems.Count;
        T? value = Text(key) is not { } text ? null
            : choices.TryGetValue(text, out var known) ? known
            : Unknown<T>(key, text, choices.Keys);
        if (problems.Count > before)
            refused?.Add(key);
        return value;
    }

    public bool Flag(string key, bool fallback)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (bool.TryParse(text, out var value))
            return value;
        problems.Add($"{path}:{key}: is neither true nor false");
        return fallback;
    }

    public int Number(string key, int fallback)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (int.TryParse(text, CultureInfo.InvariantCulture, out var value))
            return value;
        problems.Add($"{path}:{key}: is not a whole number");
        return fallback;
    }

    public TimeSpan? Duration(string key)
    {
        if (Text(key) is not { } text)
            return null;
        var problem = MigrationHost.Duration.Read(text, out var value);
        if (problem is null)
            return value;
        problems.Add($"{path}:{key}: {problem}");
        return null;
    }

    /// <summary>Whether anything is configured under a key.</summary>
    public bool Has(string key) => Ask(key).Exists();

    /// <summary>A list of texts, each as it is, empty ones included.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var list = Ask(key);
        if (!string.IsNullOrEmpty(list.Value))
            problems.Add($"{path}:{key}: a text was found where a list was expected: write [\"…\", \"…\"], or {key}:0, {key}:1 and so on");
        var texts = new List<string>();
        foreach (var child in list.GetChildren())
        {
            if (child.GetChildren().Any() || !int.TryParse(child.Key, CultureInfo.InvariantCulture, out _))
                problems.Add($"{path}:{key}: its {Ordinal.Of(texts.Count + 1)} entry is not an entry of a list");
            texts.Add(Sound(child.Value ?? "", $"{path}:{key}, {Ordinal.Of(texts.Count + 1)} entry") ?? "");
        }
        return texts;
    }

    /// <summary>Environment variables: texts under names of the user's own.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables(string key)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        _ = Section(key);
        foreach (var child in Ask(key).GetChildren())
        {
            var position = $"{path}:{key}: its {Ordinal.Of(pairs.Count + 1)} entry in alphabetical order";
            if (child.GetChildren().Any())
                problems.Add($"{position} {OneValue}");
            else if (child.Key.Length == 0 || child.Key.IndexOfAny(['=', '\0']) >= 0)
                problems.Add($"{position} has a name that no environment variable can have: write \"NAME\": \"value\"");
            pairs.Add(KeyValuePair.Create(child.Key, Sound(child.Value ?? "", position) ?? ""));
        }
        return pairs;
    }

    /// <summary>The names below a key and their values. A name may have colons, which the configuration takes for levels.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Names(string key)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        _ = Section(key);
        foreach (var (name, value) in Ask(key).AsEnumerable(makePathsRelative: true).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (value is not null)
                pairs.Add(KeyValuePair.Create(
                    name,
                    Sound(value, $"{path}:{key}: its {Ordinal.Of(pairs.Count + 1)} entry in alphabetical order") ?? ""));
        }
        return pairs;
    }

    /// <summary>A section below this one, to be read in the same way.</summary>
    public SectionReader Section(string key) => Below(Ask(key), $"{path}:{key}");

    /// <summary>The databases below a key, each under a name of the user's own.</summary>
    public IEnumerable<(string Name, SectionReader Reader)> Databases(string key)
    {
        _ = Section(key);
        return Ask(key).GetChildren().Select((child, index) => (child.Key, Below(child, DatabaseName.Path(child.Key, index))));
    }

    /// <summary>Reports what was not asked for.</summary>
    public void Close()
    {
        var place = 0;
        foreach (var child in section.GetChildren())
        {
            place++;
            if (_asked.Contains(child.Key))
                continue;
            problems.Add(NearestName.Find(child.Key, _asked) is { } near && NearestName.IsNear(child.Key, near)
                ? $"{path}:{child.Key}: unknown setting; did you mean '{near}'?"
                : $"{path}: its {Ordinal.Of(place)} entry in alphabetical order is an unknown setting"
                    + $"{NearestName.Suggest(child.Key, _asked)}");
        }
    }

    private SectionReader Below(IConfigurationSection child, string childPath)
    {
        if (!string.IsNullOrWhiteSpace(child.Value))
            problems.Add($"{childPath}: a value was found where entries were expected");
        return new SectionReader(child, childPath, problems);
    }

    private T? Unknown<T>(string key, string text, IEnumerable<string> names) where T : struct
    {
        problems.Add($"{path}:{key}: the value is not known{NearestName.Suggest(text, [.. names])}");
        return null;
    }

    private string? Sound(string text, string where)
    {
        if (PathText.Problem(text) is not { } problem)
            return text;
        problems.Add($"{where}: {problem}");
        return null;
    }

    private IConfigurationSection Ask(string key)
    {
        _asked.Add(key);
        return section.GetSection(key);
    }
}
