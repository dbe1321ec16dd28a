using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>golang-migrate: <c>1_x.up.sql</c> and <c>1_x.down.sql</c>, in the order of numbers of 64 bits; all else is ignored.</summary>
/// <remarks><see href="https://github.com/golang-migrate/migrate/blob/master/source/parse.go"/></remarks>
internal sealed partial class GolangMigrateLayout(HistoryPlace place) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.GolangMigrate;

    public override string Tool => Layouts.Tool.GolangMigrate;

    public override IHistoryForm Form { get; } = new GolangMigrateHistory(place);

    public override string Example => "1_create_users.up.sql";

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
    {
        var downs = UpDownFiles.Downs(folder, DownFile());
        foreach (var file in folder.Files)
        {
            if (UpFile().Match(file) is not { Success: true } name)
                continue;
            if (ulong.TryParse(name.Groups["version"].ValueSpan, out var version))
            {
                yield return new ToolFile($"{version}", InWords(name.Groups["title"].Value), file)
                {
                    Down = downs.GetValueOrDefault($"{version}"),
                };
            }
            else
                problem(file, "has a version that is not a number of 64 bits");
        }
    }

    // Its tool sends the file as one query. One statement alone has no transaction around it then.
    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text) =>
        new(text) { WithoutTransaction = TransactionNeeds.Of(text).IsLone };

    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now)
    {
        var stem = $"{NextNumber(folder.Files, UpFile(), NextVersion.First(now), now)}_{name}";
        return [new($"{stem}.up.sql", $"-- {InWords(name)}\n"), new($"{stem}.down.sql", $"-- undoes: {InWords(name)}\n")];
    }

    [GeneratedRegex(@"^(?<version>\d+)_(?<title>.*)\.up\.(?<extension>.*)$")]
    private static partial Regex UpFile();

    [GeneratedRegex(@"^(?<version>\d+)_.*\.down\..*$")]
    private static partial Regex DownFile();
}
