using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Flyway: <c>V1.2__x.sql</c> in the order of dotted numbers, then <c>R__x.sql</c> whenever it has changed; folders below are
/// searched too.</summary>
/// <remarks><see href="https://documentation.red-gate.com/flyway/flyway-concepts/migrations"/></remarks>
internal sealed partial class FlywayLayout(LayoutSite site) : ToolLayout
{
    private readonly FlywayFiles _files = new();
    private FlywayHistory? _form;

    public override MigrationLayout Kind => MigrationLayout.Flyway;

    public override string Tool => Layouts.Tool.Flyway;

    public override IHistoryForm Form => _form ??= new FlywayHistory(site.History, _files);

    public override IComparer<string> Order => FlywayVersion.Order;

    public override string Example => "V1__create_users.sql";

    public override bool IsRepeatable(string id) => FlywayVersion.IsRepeatable(id);

    public override string? ReadId(string text, out string problem)
    {
        problem = "a version of Flyway is numbers with dots, or R__ and the description of a repeatable migration";
        return FlywayVersion.Read(text);
    }

    public override IEnumerable<ToolFile> Files(FolderNames folder, Action<string, string> problem)
    {
        var names = new Dictionary<string, (string?, string)>();
        var files = new List<ToolFile>();
        foreach (var path in folder.AllFiles)
        {
            if (Name().Match(Path.GetFileName(path)) is not { Success: true } name)
                continue;
            var (kind, title) = (name.Groups["kind"].Value, name.Groups["title"].Value);
            var version = name.Groups["version"].Value.Replace('_', '.');
            if (kind == "B")
            {
                problem(
                    path,
                    "is a baseline migration, which only Flyway can choose; say 'migrationhost baseline VERSION', and move the file out");
            }
            var id = kind == "R" ? FlywayVersion.Repeatable + title : FlywayVersion.Read(version);
            if (kind is "U" or "B" || id is null)
                continue;
            names.TryAdd(id, (kind == "R" ? null : version, path));
            files.Add(new ToolFile(id, InWords(title), path)
            {
                IsCode = !path.EndsWith(".sql", StringComparison.Ordinal),
                Repeats = kind == "R",
            });
        }
        _files.Are(names);
        return files;
    }

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text)
    {
        var filled = PlaceholderText.Of(text, Value);
        var script = ScriptText.Of(filled.Text);
        var (plain, replaced) = (FlywayChecksum.Of(raw), FlywayChecksum.Of(filled.Text));
        return new ToolScript(script)
        {
            WithoutTransaction = LoneStatement.NeedsNoTransaction(script) || RunsOutside(file.Name),
            Checksum = file.Repeats ? replaced : plain,
            OtherChecksums = file.Repeats ? [plain] : [],
            Refusals =
            [
                .. filled.Unknown.Select(one => (one.Line, PlaceholderText.Problem(one.Written), PlaceholderText.Remedy(one.Name))),
            ],
        };
    }

    public override string? DownFile(FolderNames folder, ToolFile file) => file.Repeats ? null : folder.AllFiles.FirstOrDefault(path =>
        Name().Match(Path.GetFileName(path)) is { Success: true } name
        && name.Groups["kind"].Value == "U" && FlywayVersion.Read(name.Groups["version"].Value) == file.Id
        && path.EndsWith(".sql", StringComparison.Ordinal));

    public override ToolScript? ReadDown(string name, ScriptText text) => Read(new ToolFile("", "", name), [], text);

    public override IEnumerable<NewFile> Next(FolderNames folder, string name, DateTimeOffset now)
    {
        var last = folder.AllFiles
            .Where(path => Name().Match(Path.GetFileName(path)) is { Success: true } match && match.Groups["kind"].Value == "V")
            .MaxBy(path => FlywayVersion.Read(VersionIn(path))!, Order);
        var version = last is null ? "0" : VersionIn(last);
        var part = version.LastIndexOfAny(['.', '_']) + 1;
        var next = version[..part] + NextVersion.After(version[part..], now);
        return [new(Path.Combine(Path.GetDirectoryName(last) ?? "", $"V{next}__{name}.sql"), $"-- {InWords(name)}\n")];

        static string VersionIn(string path) => Name().Match(Path.GetFileName(path)).Groups["version"].Value;
    }

    private string? Value(string name) => site.Placeholders.TryGetValue(name, out var value) ? value
        : name is "flyway:defaultSchema" ? site.History.Schema ?? (site.Provider == DatabaseProvider.Sqlite ? "main" : "public")
        : name is "flyway:table" ? Form.Table
        : null;

    private bool RunsOutside(string file)
    {
        var settings = Path.Combine(site.FullPath, $"{file}.conf");
        return File.Exists(settings) && NoTransaction().IsMatch(File.ReadAllText(settings));
    }

    [GeneratedRegex(@"^((?<kind>[VUB])(?<version>\d[\d._]*?)|(?<kind>R))__(?<title>.+)\.(sql|java|kt)$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\s*executeInTransaction\s*=\s*false\s*$", RegexOptions.Multiline)]
    private static partial Regex NoTransaction();
}
