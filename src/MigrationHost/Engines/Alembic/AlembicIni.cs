using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Engines.Alembic;

/// <summary>alembic.ini, read as Python's ConfigParser reads it.</summary>
/// <remarks><see href="https://docs.python.org/3/library/configparser.html#supported-ini-file-structure"/></remarks>
internal sealed partial class AlembicIni
{
    private const string Main = "alembic";

    private readonly Dictionary<string, Dictionary<string, AlembicIniValue>> _sections = new(StringComparer.Ordinal);
    private readonly string _here;

    private AlembicIni(string file, string here)
    {
        File = file;
        _here = here;
    }

    /// <summary>The path as it is configured, for messages.</summary>
    public string File { get; }

    public bool HasMainSection => _sections.ContainsKey(Main);

    /// <summary>Whether there is logging configuration for <c>fileConfig</c>.</summary>
    public bool ConfiguresLogging => _sections.ContainsKey("loggers");

    /// <param name="file">The path as it is configured, for messages.</param>
    /// <param name="text">The file's text.</param>
    /// <param name="here">The folder it is in: <c>%(here)s</c>.</param>
    /// <param name="problems">Takes what ConfigParser would refuse.</param>
    public static AlembicIni Read(string file, string text, string here, List<ScriptProblem> problems)
    {
        var ini = new AlembicIni(file, here);
        ini.ReadLines(text, problems);
        return ini;
    }

    /// <summary>A setting of the section <c>[alembic]</c>; null where it is missing or empty.</summary>
    public AlembicIniValue? Find(string key) => Find(Main, key);

    public AlembicIniValue? Find(string section, string key) => Raw(section, key) is { Text.Length: > 0 } value ? value with { Text = Interpolate(section, value.Text, 0) } : null;

    /// <summary>Whether a value still refers to a setting that the file does not have, and that env.py may set.</summary>
    public static bool HasReference(string value) => Reference().Match(value) is { Success: true } match && match.Groups["key"].Success;

    private AlembicIniValue? Raw(string section, string key) =>
        _sections.GetValueOrDefault(section)?.GetValueOrDefault(key) ?? _sections.GetValueOrDefault("DEFAULT")?.GetValueOrDefault(key);

    private string Interpolate(string section, string text, int depth) => depth > 10 ? text : Reference().Replace(text, match => match.Value switch
    {
        "%%" => "%",
        "%(here)s" => _here,
        _ => Raw(section, match.Groups["key"].Value.ToLowerInvariant()) is { } other ? Interpolate(section, other.Text, depth + 1) : match.Value,
    });

    private void ReadLines(string text, List<ScriptProblem> problems)
    {
        Dictionary<string, AlembicIniValue>? section = null;
        string? key = null;
        var keyIndent = 0;
        var number = 0;
        foreach (var line in text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var content = line.Trim();
            if (content.Length == 0 || content[0] is '#' or ';')
                continue;
            var indent = line.Length - line.TrimStart().Length;
            if (key is not null && section is not null && indent > keyIndent)
            {
                section[key] = section[key] with { Text = $"{section[key].Text}\n{content}".TrimStart('\n') };
                continue;
            }
            if (Header().Match(content) is { Success: true } header)
            {
                (section, key) = (Begin(header.Groups["name"].Value, number, problems), null);
                continue;
            }
            key = null;
            var delimiter = content.IndexOfAny(['=', ':']);
            if (section is null)
            {
                problems.Add(new ScriptProblem(File, number, "stands before the first section header; write [alembic] above it"));
                return;
            }
            if (delimiter <= 0)
            {
                problems.Add(new ScriptProblem(File, number, $"'{Shorten(content)}' is neither a section nor key = value"));
                continue;
            }
            key = content[..delimiter].TrimEnd().ToLowerInvariant();
            keyIndent = indent;
            if (!section.TryAdd(key, new AlembicIniValue(content[(delimiter + 1)..].Trim(), number)))
                problems.Add(new ScriptProblem(File, number, $"{key} is set twice, first in line {section[key].Line}; remove one of them"));
        }
    }

    private Dictionary<string, AlembicIniValue> Begin(string name, int line, List<ScriptProblem> problems)
    {
        if (!_sections.TryAdd(name, new Dictionary<string, AlembicIniValue>(StringComparer.Ordinal)))
            problems.Add(new ScriptProblem(File, line, $"[{name}] begins twice; put its settings together"));
        return _sections[name];
    }

    // A line that is no setting can hold anything, a password too: its beginning is enough to find it.
    private static string Shorten(string content) => content.Length <= 12 ? content : $"{content[..12]}…";

    [GeneratedRegex(@"^\[(?<name>[^\]]+)\]")]
    private static partial Regex Header();

    [GeneratedRegex(@"%%|%\((?<key>[^)]+)\)s")]
    private static partial Regex Reference();
}
