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

    public override string Checksums =>
        "CRC-32 of the lines of each file: one that has changed, or is called otherwise, is refused; other line ends are the same";

    public override bool KeepsDescriptions => true;

    public override bool KnowsClient => true;

    public override string Example => "V1__create_users.sql";

    public override bool IsRepeatable(string id) => FlywayVersion.IsRepeatable(id);

    public override string? ReadId(string text, out string problem)
    {
        problem = "a version of Flyway is numbers with dots, or R__ and the description of a repeatable migration";
        return FlywayVersion.Read(text);
    }

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
    {
        var names = new Dictionary<string, (string?, string)>();
        var undos = new Dictionary<string, string>();
        var files = new List<ToolFile>();
        foreach (var path in folder.AllFiles)
        {
            if (Name().Match(Path.GetFileName(path)) is not { Success: true } name)
                continue;
            var (kind, title) = (name.Groups["kind"].Value, name.Groups["title"].Value);
            var version = name.Groups["version"].Value.Replace('_', '.');
            var id = kind == "R" ? FlywayVersion.Repeatable + title : FlywayVersion.Read(version);
            if (kind == "U" && id is not null)
                undos.TryAdd(id, path);
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
        return files.Select(file => file with { Down = undos.GetValueOrDefault(file.Id) });
    }

    public override bool LooksLikeOne(string name) => base.LooksLikeOne(name) && !Name().IsMatch(name);

    /// <remarks>Flyway begins an empty database with the newest of them in place of everything before it, and ignores them later.</remarks>
    public override IEnumerable<ScriptFinding> ForbidToBegin(MigrationFiles folder) =>
        from path in folder.AllFiles
        where Name().Match(Path.GetFileName(path)) is { Success: true } name && name.Groups["kind"].Value == "B"
        select new ScriptFinding(
            "baseline migration",
            site.Files.Show(path),
            null,
            "is a baseline migration, which stands for everything before it on an empty database, and which only Flyway can choose",
            $"Let Flyway begin the database, or move the file out of the folder: then all V files run. Or {Layouts.Tool.RunIt(Tool)}");

    public override IEnumerable<ScriptFinding> ForbidToApply(MigrationFiles folder) =>
        from path in folder.AllFiles
        where Callback().IsMatch(Path.GetFileName(path))
        select new ScriptFinding(
            "callback",
            site.Files.Show(path),
            null,
            "is a callback of Flyway, which would run it with every migrate, and which is not run here",
            $"Move what it does into a migration (R__ for what is to be done again after a change), or {Layouts.Tool.RunIt(Tool)}");

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text)
    {
        var settings = SettingsOf(file.Name);
        var refusals = new List<(int, string, string)>();
        if (settings.Unknown is { } unknown)
        {
            refusals.Add((
                1,
                $"has '{unknown}' in {FlywayScriptSettings.FileOf(Path.GetFileName(file.Name))}, which is not understood",
                "Understood are executeInTransaction, placeholderReplacement, and encoding=UTF-8"));
        }
        var script = settings.FillsPlaceholders ? Fill(text, refusals) : text;

        // It knows no such statements on MySQL, where those that change the schema commit anyway.
        var needs = site.Dialect.By(true, true, false) ? TransactionNeeds.Of(script) : default;
        if (settings.InTransaction is null && needs is { Outside: > 0, Inside: > 0 })
        {
            refusals.Add((
                1,
                "has statements that cannot run in a transaction beside others that can, which Flyway refuses",
                $"Split it, or write executeInTransaction=false into {FlywayScriptSettings.FileOf(Path.GetFileName(file.Name))}"));
        }
        var (plain, replaced) = (FlywayChecksum.Of(raw), FlywayChecksum.Of(script.Utf8));
        return new ToolScript(script)
        {
            WithoutTransaction = !(settings.InTransaction ?? needs.Outside == 0),
            Checksum = file.Repeats ? replaced : plain,
            OtherChecksums = file.Repeats ? [plain] : [],
            Refusals = refusals,
        };
    }

    private ScriptText Fill(ScriptText text, List<(int, string, string)> refusals)
    {
        var filled = PlaceholderText.Of(text, Value);
        refusals.AddRange(filled.Unknown.Select(one => (one.Line, PlaceholderText.Problem(one.Written), PlaceholderText.Remedy(one.Name))));
        return ScriptText.Of(filled.Text, text.Syntax);
    }

    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now)
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

    // What its tool takes from the connection is not known here.
    private string? Value(string name) => site.Placeholders.TryGetValue(name, out var value) ? value
        : name is "flyway:defaultSchema" ? site.History.Schema ?? (site.Dialect.By<string?>("main", null, null))
        : name is "flyway:table" ? Form.Table
        : null;

    private FlywayScriptSettings SettingsOf(string file)
    {
        var settings = FlywayScriptSettings.FileOf(file);
        return !site.Files.Has(settings) ? FlywayScriptSettings.None
            : FlywayScriptSettings.Read(site.Files.ReadText(settings).Split('\n'));
    }

    [GeneratedRegex(@"^((?<kind>[VUB])(?<version>\d[\d._]*?)|(?<kind>R))__(?<title>.+)\.(sql|java|kt|sh|bash|ps1|cmd|bat|py)$")]
    private static partial Regex Name();

    // https://documentation.red-gate.com/flyway/reference/callback-events: what has a part in a migrate
    [GeneratedRegex(
        @"^((before|after)(Each)?Migrate\w*?|beforeRepeatables|afterVersioned|(before|after)(Validate(Error)?|Connect)|createSchema"
            + @"|beforeCreateSchema)(__.*)?\.(sql|java|kt|sh|bash|ps1|cmd|bat|py)$")]
    private static partial Regex Callback();
}
