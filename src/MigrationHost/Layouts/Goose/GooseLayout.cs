using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>goose: <c>00001_x.sql</c> with <c>-- +goose Up</c> and <c>-- +goose Down</c>, and programs in Go between them, in the order of
/// numbers.</summary>
/// <remarks><see href="https://github.com/pressly/goose/blob/main/internal/sqlparser/parser.go"/>. Its marks of where a statement begins
/// and ends are not needed: strings, dollar quotes and triggers are recognised.</remarks>
internal sealed partial class GooseLayout(HistoryPlace place) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.Goose;

    public override string Tool => Layouts.Tool.Goose;

    public override IHistoryForm Form { get; } = new GooseHistory(place);

    public override bool MayLack => true;

    public override string Example => "00001_create_users.sql with '-- +goose Up'";

    public override IEnumerable<ToolFile> Files(FolderNames folder, Action<string, string> problem)
    {
        foreach (var file in folder.Files)
        {
            if (Name().Match(file) is not { Success: true } name || file.EndsWith("_test.go", StringComparison.Ordinal))
                continue;
            if (long.TryParse(name.Groups["version"].ValueSpan, out var version) && version > 0)
            {
                yield return new ToolFile($"{version}", InWords(name.Groups["title"].Value), file)
                {
                    IsCode = name.Groups["kind"].Value == "go",
                };
            }
            else
                problem(file, "has a version that is not a number from 1 to 9223372036854775807");
        }
    }

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text)
    {
        var parts = Parts.Of(text, line => Command(line) switch { "UP" => true, "DOWN" => false, _ => null });
        var commands = Lines(text)
            .Select((line, i) => (Command: Command(line), Line: i + 1)).Where(line => line.Command is not null).ToList();
        return new ToolScript(text.Only(parts.Up))
        {
            WithoutTransaction = commands.Exists(command => command.Command == "NO TRANSACTION"),
            Refusals =
            [
                .. parts.Up.Count == 0 ? [NoUp("-- +goose Up")] : Array.Empty<(int, string, string)>(),
                .. commands.Where(command => command.Command == "ENVSUB ON").Select(command =>
                (
                    command.Line,
                    "has text that goose would take from the environment ('-- +goose ENVSUB ON')",
                    $"Write the value into the file, or run {Tool} with Engine: Command ({Layouts.Tool.Page})")),
            ],
        };
    }

    private static string? Command(string line) => Mark().Match(line) is { Success: true } mark
        ? Blanks().Replace(mark.Groups["command"].Value.Trim(), " ").ToUpperInvariant()
        : null;

    public override string? DownFile(FolderNames folder, ToolFile file) => file.Name;

    public override ToolScript? ReadDown(string name, ScriptText text)
    {
        var parts = Parts.Of(text, line => Command(line) switch { "DOWN" => true, "UP" => false, _ => null });
        return parts.Up.Count == 0 ? null : new ToolScript(text.Only(parts.Up))
        {
            WithoutTransaction = Lines(text).Any(line => Command(line) == "NO TRANSACTION"),
        };
    }

    public override IEnumerable<NewFile> Next(FolderNames folder, string name, DateTimeOffset now) =>
        [new($"{NextNumber(folder.Files, Name(), NextVersion.First(now), now)}_{name}.sql", "-- +goose Up\n\n-- +goose Down\n")];

    [GeneratedRegex(@"^(?<version>\d+)_(?<title>.*)\.(?<kind>sql|go)$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^--\s*\+goose\s+(?<command>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Mark();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
