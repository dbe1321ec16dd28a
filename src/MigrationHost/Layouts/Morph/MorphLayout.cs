using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>morph (Mattermost): <c>000001_x.up.sql</c> and <c>000001_x.down.sql</c>, in the order of numbers.</summary>
/// <remarks><see href="https://github.com/mattermost/morph/blob/master/models/parse.go"/></remarks>
internal sealed partial class MorphLayout(HistoryPlace place) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.Morph;

    public override string Tool => Layouts.Tool.Morph;

    public override IHistoryForm Form { get; } = new MorphHistory(place);

    public override string Example => "000001_create_users.up.sql";

    public override IEnumerable<ToolFile> Files(FolderNames folder, Action<string, string> problem)
    {
        foreach (var file in folder.Files)
        {
            if (UpFile().Match(file) is not { Success: true } name)
                continue;
            if (uint.TryParse(name.Groups["version"].ValueSpan, out var version))
                yield return new ToolFile($"{version}", name.Groups["title"].Value, file);
            else
                problem(file, "has a version that is not a number of 32 bits");
        }
    }

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text) => new(text)
    {
        WithoutTransaction = raw.AsSpan().StartsWith("-- morph:nontransactional"u8),
        Refusals = [.. Lines(text).Index().Where(line => line.Item.Contains("{{", StringComparison.Ordinal)).Take(1).Select(line =>
            (line.Index + 1, "has a template of Go ({{…}}), which its own program fills in", "Write what it comes to into the file"))],
    };

    public override string? DownFile(FolderNames folder, ToolFile file) => UpDownFiles.DownOf(folder, file);

    public override ToolScript? ReadDown(string name, ScriptText text) =>
        new(text) { WithoutTransaction = text.Utf8.StartsWith("-- morph:nontransactional"u8) };

    public override IEnumerable<NewFile> Next(FolderNames folder, string name, DateTimeOffset now)
    {
        var stem = $"{NextNumber(folder.Files, UpFile(), "000001", now)}_{name}";
        return [new($"{stem}.up.sql", $"-- {InWords(name)}\n"), new($"{stem}.down.sql", $"-- undoes: {InWords(name)}\n")];
    }

    [GeneratedRegex(@"^(?<version>\d+)_(?<title>.*)\.up\.sql$")]
    private static partial Regex UpFile();
}
