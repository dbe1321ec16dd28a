using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>goose: <c>00001_x.sql</c> with <c>-- +goose Up</c> and <c>-- +goose Down</c>, and programs in Go between them, in the order of
/// numbers.</summary>
/// <remarks><see href="https://github.com/pressly/goose/blob/main/internal/sqlparser/parser.go"/>. Its marks of where a statement begins
/// and ends are not needed: strings, dollar quotes and triggers are recognised.</remarks>
internal sealed partial class GooseLayout(LayoutSite site) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.Goose;

    public override string Tool => Layouts.Tool.Goose;

    public override IHistoryForm Form { get; } = new GooseHistory(site.History);

    public override bool MayLack => true;

    public override string Example => "00001_create_users.sql with '-- +goose Up'";

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
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
        var parts = PartsOf(text);
        return Part(text, parts.Up, WrongParts(parts, "-- +goose Up"));
    }

    public override ToolScript? ReadDown(ToolFile file, byte[] raw, ScriptText text) =>
        PartsOf(text) is { Down.Count: > 0 } parts ? Part(text, parts.Down, []) : null;

    private static Parts PartsOf(ScriptText text) =>
        Parts.Of(text, line => Command(line) switch { "UP" => true, "DOWN" => false, _ => null });

    private ToolScript Part(ScriptText text, IReadOnlyList<Range> ranges, IEnumerable<(int, string, string)> wrong)
    {
        List<(int, string, string)> refusals = [.. wrong];
        return new ToolScript(Fill(text, text.Only(ranges), refusals))
        {
            WithoutTransaction = Lines(text).Any(line => Command(line) == "NO TRANSACTION"),
            Refusals = refusals,
        };
    }

    // The marks are those of the whole file; a value that looks like one is none.
    private ScriptText Fill(ScriptText file, ScriptText part, List<(int, string, string)> refusals)
    {
        var (marks, lines) = (Lines(file), Lines(part));
        var variables = new GooseVariables(site.Placeholders);
        var (isOn, isChanged) = (false, false);
        for (var i = 0; i < lines.Length; i++)
        {
            if (Command(marks[i]) is { } command)
                isOn = command == "ENVSUB ON" || isOn && command != "ENVSUB OFF";
            else if (isOn && lines[i].Contains('$', StringComparison.Ordinal))
                (isChanged, lines[i]) = (true, Fill(lines[i], i + 1, variables, refusals));
        }
        return isChanged ? ScriptText.Of(string.Join('\n', lines), part.Syntax) : part;
    }

    private static string Fill(string line, int number, GooseVariables variables, List<(int, string, string)> refusals)
    {
        try
        {
            var filled = variables.Fill(line);
            refusals.AddRange(variables.Missing.Select(name =>
                (number, $"has a placeholder without a value: {name}", $"Set Placeholders:{name} for this database")));
            return filled;
        }
        catch (FormatException e)
        {
            refusals.Add((
                number, $"cannot be filled in between ENVSUB ON and OFF: {e.Message}", "Correct the line, or write $$ for a dollar"));
            return line;
        }
    }

    private static string? Command(string line) => Mark().Match(line) is { Success: true } mark
        ? Blanks().Replace(mark.Groups["command"].Value.Trim(), " ").ToUpperInvariant()
        : null;

    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now) =>
        [new($"{NextNumber(folder.Files, Name(), NextVersion.First(now), now)}_{name}.sql", "-- +goose Up\n\n-- +goose Down\n")];

    [GeneratedRegex(@"^(?<version>\d+)_(?<title>.*)\.(?<kind>sql|go)$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^--\s*\+goose\s+(?<command>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Mark();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
