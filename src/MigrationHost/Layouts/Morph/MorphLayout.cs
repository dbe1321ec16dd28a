using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>morph (Mattermost): <c>000001_x.up.sql</c> and <c>000001_x.down.sql</c>, in the order of numbers.</summary>
/// <remarks><see href="https://github.com/mattermost/morph/blob/master/models/parse.go"/></remarks>
internal sealed partial class MorphLayout(LayoutSite site) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.Morph;

    public override string Tool => Layouts.Tool.Morph;

    public override IHistoryForm Form { get; } = new MorphHistory(site.History);

    public override string Example => "000001_create_users.up.sql";

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
    {
        var downs = UpDownFiles.Downs(folder, DownFile());
        foreach (var file in folder.Files)
        {
            if (UpFile().Match(file) is not { Success: true } name)
                continue;
            if (uint.TryParse(name.Groups["version"].ValueSpan, out var version))
            {
                yield return new ToolFile($"{version}", name.Groups["title"].Value, file)
                {
                    Down = downs.GetValueOrDefault($"{version}"),
                };
            }
            else
                problem(file, "has a version that is not a number of 32 bits");
        }
    }

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text)
    {
        var refusals = new List<(int, string, string)>();
        return new ToolScript(Fill(text, refusals))
        {
            WithoutTransaction = raw.AsSpan().StartsWith("-- morph:nontransactional"u8),
            Refusals = refusals,
        };
    }

    // Its programs may fill in templates of Go: a plain name is taken from the settings, everything else is theirs alone.
    private ScriptText Fill(ScriptText text, List<(int, string, string)> refusals)
    {
        if (text.Utf8.IndexOf("{{"u8) < 0)
            return text;
        var lines = Lines(text);
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = Field().Replace(lines[i], found => site.Placeholders.GetValueOrDefault(found.Groups["name"].Value, found.Value));
            if (refusals.Count == 0 && lines[i].Contains("{{", StringComparison.Ordinal))
                refusals.Add((i + 1, "has a template of Go ({{…}}), which its own program fills in", Remedy(lines[i])));
        }
        return ScriptText.Of(string.Join('\n', lines), text.Syntax);
    }

    private static string Remedy(string line) => Field().Match(line) is { Success: true } field
        ? $"Set Placeholders:{field.Groups["name"].Value} for this database"
        : "Write what it comes to into the file";

    [GeneratedRegex(@"\{\{\s*\.(?<name>\w+)\s*\}\}")]
    private static partial Regex Field();

    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now)
    {
        var stem = $"{NextNumber(folder.Files, UpFile(), "000001", now)}_{name}";
        return [new($"{stem}.up.sql", $"-- {InWords(name)}\n"), new($"{stem}.down.sql", $"-- undoes: {InWords(name)}\n")];
    }

    [GeneratedRegex(@"^(?<version>\d+)_(?<title>.*)\.up\.sql$")]
    private static partial Regex UpFile();

    [GeneratedRegex(@"^(?<version>\d+)_.*\.down\.sql$")]
    private static partial Regex DownFile();
}
