using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>dbmate: <c>20261126100000_x.sql</c> with <c>-- migrate:up</c> and <c>-- migrate:down</c>, in the order of the names as
/// text.</summary>
/// <remarks><see href="https://github.com/amacneil/dbmate/blob/main/pkg/dbmate/migration.go"/></remarks>
internal sealed partial class DbmateLayout(HistoryPlace place) : ToolLayout
{
    public override MigrationLayout Kind => MigrationLayout.Dbmate;

    public override string Tool => Layouts.Tool.Dbmate;

    public override IHistoryForm Form { get; } = new DbmateHistory(place);

    public override IComparer<string> Order => TextVersion.OrderOfNames;

    public override bool RunsLate => true;

    public override bool MayLack => true;

    public override string Example => "20261126100000_create_users.sql with '-- migrate:up'";

    public override string? ReadId(string text, out string problem) => TextVersion.Read(text, out problem);

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem) =>
        from file in folder.Files
        let name = Name().Match(file)
        where name.Success
        select new ToolFile(name.Groups["version"].Value, InWords(name.Groups["title"].Value), file);

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text)
    {
        var parts = PartsOf(text);
        return new ToolScript(text.Only(parts.Up))
        {
            WithoutTransaction = RunsOutside(parts, Up()),
            Refusals = [.. WrongParts(parts, "-- migrate:up")],
        };
    }

    /// <remarks>A file may have several parts of each kind: what undoes the last of them would have to run first.</remarks>
    public override ToolScript? ReadDown(ToolFile file, byte[] raw, ScriptText text) =>
        PartsOf(text) is not { Down.Count: > 0 } parts ? null : new ToolScript(text.Only(parts.Down))
        {
            WithoutTransaction = RunsOutside(parts, Down()),
            Refusals = parts.Down.Count == 1 ? []
                : [(1, "has several parts that undo it, whose order is not known here", "Make one file of each pair")],
        };

    private static Parts PartsOf(ScriptText text) =>
        Parts.Of(text, line => Up().IsMatch(line) ? true : Down().IsMatch(line) ? false : null);

    private static bool RunsOutside(Parts parts, Regex part) =>
        parts.Marks.Any(mark => mark.Contains("transaction:false", StringComparison.Ordinal) && part.IsMatch(mark));

    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now) =>
        [new($"{NextNumber(folder.Files, Name(), NextVersion.First(now), now)}_{name}.sql", "-- migrate:up\n\n\n-- migrate:down\n\n")];

    [GeneratedRegex(@"^(?<version>\d+)(?<title>.*)\.sql$")]
    private static partial Regex Name();

    [GeneratedRegex(@"^--\s*migrate:up(\s|$)")]
    private static partial Regex Up();

    [GeneratedRegex(@"^--\s*migrate:down(\s|$)")]
    private static partial Regex Down();
}
