using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Diesel: <c>2026-11-26-100000_x/up.sql</c> and <c>down.sql</c>, in the order of the versions as text.</summary>
/// <remarks><see
/// href="https://github.com/diesel-rs/diesel/blob/master/diesel_migrations/src/file_based_migrations.rs"/></remarks>
internal sealed partial class DieselLayout(LayoutSite site) : ToolLayout
{
    private const string Script = "up.sql";
    private const string DownScript = "down.sql";
    private const string Refused = "so that Diesel refuses it, too: restore that, move the folder out, or put a dot before its name";

    public override MigrationLayout Kind => MigrationLayout.Diesel;

    public override string Tool => Layouts.Tool.Diesel;

    public override IHistoryForm Form { get; } = new DieselHistory(site.History);

    public override IComparer<string> Order => TextVersion.Order;

    public override bool RunsLate => true;

    public override bool MayLack => true;

    public override string Example => "2026-11-26-100000_create_users/up.sql";

    /// <remarks>A version as the folder has it is understood, too.</remarks>
    public override string? ReadId(string text, out string problem) => TextVersion.Read(VersionOf(text), out problem);

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
    {
        foreach (var name in folder.Folders.Where(name => !name.StartsWith('.') && !folder.IsEmptyFolder(name)))
        {
            if (folder.Has($"{name}/{Script}"))
            {
                yield return new ToolFile(VersionOf(name), TitleOf(name), $"{name}/{Script}")
                {
                    Down = folder.Has($"{name}/{DownScript}") ? $"{name}/{DownScript}" : null,
                };
            }
            else
                problem(name, $"has no {Script}, {Refused}");
        }
    }

    /// <remarks>Hasura, rusqlite_migration and others have up.sql in folders as well: numbers of any length, which they order as
    /// numbers.</remarks>
    public override (string What, string Remedy)? Doubt(MigrationFiles folder) =>
        folder.Folders.FirstOrDefault(name => folder.Has($"{name}/{Script}") && !Time().IsMatch(name)) is not { } other ? null : (
            $"{other} is not named as Diesel names its folders (2026-11-26-100000_create_users)",
            "If it is Diesel's, set Layout: Diesel: they run in the order of their names as text, 10 before 2. "
                + $"If not, run its tool with Engine: Command ({Layouts.Tool.Page}).");

    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text) => new(text)
    {
        WithoutTransaction = RunsOutside(file.Name.Split('/')[0]),
        Refusals = raw.Length > 0 ? [] : [(1, "is empty, which Diesel refuses", "A migration without work needs a comment that says so")],
    };

    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now)
    {
        var last = folder.Folders.Where(migration => folder.Has($"{migration}/{Script}")).MaxBy(VersionOf, Order)?.Split('_')[0];
        var next = last is null ? NextVersion.First(now) : NextVersion.After(VersionOf(last), now);
        if ((last is null || last.Contains('-', StringComparison.Ordinal)) && next.Length == NextVersion.Timestamp.Length)
            next = $"{next[..4]}-{next[4..6]}-{next[6..8]}-{next[8..]}";
        yield return new($"{next}_{name}/{Script}", "-- Your SQL goes here\n");
        yield return new($"{next}_{name}/down.sql", $"-- This file should undo anything in `{Script}`\n");
    }

    // One that has no such key turns the transaction off as well; one that is not understood does not.
    private bool RunsOutside(string folder)
    {
        var metadata = $"{folder}/metadata.toml";
        if (!site.Files.Has(metadata))
            return false;
        var text = site.Files.ReadText(metadata);
        return RunInTransaction().Match(text) is not { Success: true } key || key.Groups["value"].Value == "false";
    }

    [GeneratedRegex(@"^(\d{14}|\d{4}-\d\d-\d\d-\d{6}(-\d{4})?)_")]
    private static partial Regex Time();

    private static string VersionOf(string name) => name.Split('_')[0].Replace("-", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*run_in_transaction\s*=\s*(?<value>\w+)", RegexOptions.Multiline)]
    private static partial Regex RunInTransaction();
}
