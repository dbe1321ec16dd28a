using System.Security.Cryptography;
using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Drizzle: the files that <c>meta/_journal.json</c> names, in its order.</summary>
/// <remarks><see href="https://github.com/drizzle-team/drizzle-orm/blob/main/drizzle-orm/src/migrator.ts"/></remarks>
internal sealed class DrizzleLayout : ToolLayout
{
    private const string Breakpoint = "--> statement-breakpoint";
    private const string Cut = ";-- statement-breakpoint";

    private readonly DrizzleJournal _journal;

    public DrizzleLayout(LayoutSite site)
    {
        _journal = new DrizzleJournal(site.Files, site.DatabaseName);
        Form = new DrizzleHistory(site, _journal);
    }

    public override MigrationLayout Kind => MigrationLayout.Drizzle;

    public override string Tool => Layouts.Tool.Drizzle;

    public override IHistoryForm Form { get; }

    public override IComparer<string> Order => _journal;

    public override bool MayChange => true;

    public override string Checksums =>
        "SHA-256 of each file, which it never compares: one that has changed is a warning";

    public override string Example => DrizzleJournal.Name;

    public override string? ReadId(string text, out string problem) => TextVersion.Read(text, out problem);

    public override IEnumerable<ToolFile> Files(MigrationFiles folder, Action<string, string> problem)
    {
        if (!folder.Has(DrizzleJournal.Name))
            return [];
        if (_journal.Read() is { } wrong)
            problem(DrizzleJournal.Name, wrong);
        foreach (var (tag, _) in _journal.Entries.Where(entry => !folder.Has($"{entry.Tag}.sql")))
            problem($"{tag}.sql", $"is named in {DrizzleJournal.Name} and is not there");
        foreach (var same in _journal.Entries.GroupBy(entry => entry.When).Where(same => same.Count() > 1))
        {
            problem(
                DrizzleJournal.Name,
                $"gives {string.Join(" and ", same.Select(entry => entry.Tag))} the same time, by which Drizzle's table knows them");
        }
        return _journal.Entries.Where(entry => folder.Has($"{entry.Tag}.sql")).Select(entry =>
            new ToolFile(entry.Tag, TitleOf(entry.Tag), $"{entry.Tag}.sql"));
    }

    /// <remarks>As drizzle-kit does for a migration that is written by hand: the snapshot of the schema stays what it was.</remarks>
    public override IEnumerable<NewFile> Next(MigrationFiles folder, string name, DateTimeOffset now)
    {
        _ = folder.Has(DrizzleJournal.Name) ? _journal.Read() : null;
        var last = _journal.Entries.Count == 0 ? null : _journal.Entries[^1].Tag.Split('_')[0];
        var tag = $"{(last is null ? "0000" : NextVersion.After(last, now))}_{name}";
        yield return new($"{tag}.sql", "-- Custom SQL migration file, put your code below! --\n");
        if (last is not null && folder.Has($"meta/{last}_snapshot.json"))
        {
            yield return new(
                $"meta/{tag.Split('_')[0]}_snapshot.json",
                DrizzleJournal.SnapshotAfter(folder.Read($"meta/{last}_snapshot.json")));
        }
        yield return new(DrizzleJournal.Name, _journal.With(tag, now)) { Replaces = true };
    }

    // What stands before a breakpoint needs no semicolon.
    public override ToolScript Read(ToolFile file, byte[] raw, ScriptText text) =>
        new(ScriptText.Of(Encoding.UTF8.GetString(text.Utf8).Replace(Breakpoint, Cut, StringComparison.Ordinal), text.Syntax))
        {
            Checksum = Convert.ToHexStringLower(SHA256.HashData(raw)),

            // Some of its versions turned all line ends into line feeds first.
            OtherChecksums = [Convert.ToHexStringLower(SHA256.HashData(text.Utf8))],
        };
}
