using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace MigrationHost;

/// <summary>Reads one configuration section strictly: what nobody asked for is unknown, and a value of the wrong form is a problem, never a guess.</summary>
internal sealed class SectionReader(IConfigurationSection section, List<string> problems)
{
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    public string? Text(string key)
    {
        var child = Ask(key);
        if (child.GetChildren().Any())
            problems.Add($"{child.Path}: has entries below it, but takes one value");
        return string.IsNullOrWhiteSpace(child.Value) ? null : child.Value;
    }

    public T Choice<T>(string key, T fallback) where T : struct, Enum
    {
        if (Text(key) is not { } text)
            return fallback;
        var names = Enum.GetNames<T>();
        if (names.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known)
            return Enum.Parse<T>(known);
        problems.Add($"{section.Path}:{key}: '{text}' is unknown{NearestName.Suggest(text, names)}");
        return fallback;
    }

    public bool Flag(string key, bool fallback)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (bool.TryParse(text, out var value))
            return value;
        problems.Add($"{section.Path}:{key}: '{text}' is neither true nor false");
        return fallback;
    }

    public TimeSpan? Duration(string key)
    {
        if (Text(key) is not { } text)
            return null;
        var problem = MigrationHost.Duration.Read(text, out var value);
        if (problem is null)
            return value;
        problems.Add(string.Create(CultureInfo.InvariantCulture, $"{section.Path}:{key}: {problem}"));
        return null;
    }

    /// <summary>Whether anything is configured under a key.</summary>
    public bool Has(string key) => Ask(key).Exists();

    /// <summary>A list of texts, each as it is, empty ones included.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var list = Ask(key);
        if (!string.IsNullOrEmpty(list.Value))
            problems.Add($"{list.Path}: '{list.Value}' stands where a list belongs: write [\"…\", \"…\"], or {key}:0, {key}:1 and so on");
        var texts = new List<string>();
        foreach (var child in list.GetChildren())
        {
            if (child.GetChildren().Any() || !int.TryParse(child.Key, CultureInfo.InvariantCulture, out _))
                problems.Add($"{child.Path}: is no entry of a list");
            else
                texts.Add(child.Value ?? "");
        }
        return texts;
    }

    /// <summary>Texts under names of the user's own.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs(string key)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var child in Children(key))
        {
            if (child.GetChildren().Any())
                problems.Add($"{child.Path}: has entries below it, but takes one value");
            pairs.Add(KeyValuePair.Create(child.Key, child.Value ?? ""));
        }
        return pairs;
    }

    /// <summary>A section below this one, to be read in the same way.</summary>
    public SectionReader Section(string key)
    {
        var child = Ask(key);
        if (!string.IsNullOrWhiteSpace(child.Value))
            problems.Add($"{child.Path}: '{child.Value}' stands where entries belong");
        return new SectionReader(child, problems);
    }

    /// <summary>The sections below a key, each under a name of the user's own.</summary>
    public IEnumerable<(string Name, SectionReader Reader)> Sections(string key)
    {
        var reader = Section(key);
        return Ask(key).GetChildren().Select(child => (child.Key, reader.Section(child.Key)));
    }

    /// <summary>Reports what was not asked for.</summary>
    public void Close()
    {
        foreach (var unknown in section.GetChildren().Where(child => !_asked.Contains(child.Key)))
            problems.Add($"{unknown.Path}: unknown setting{NearestName.Suggest(unknown.Key, _asked)}");
    }

    private IEnumerable<IConfigurationSection> Children(string key)
    {
        _ = Section(key);
        return Ask(key).GetChildren();
    }

    private IConfigurationSection Ask(string key)
    {
        _asked.Add(key);
        return section.GetSection(key);
    }
}
