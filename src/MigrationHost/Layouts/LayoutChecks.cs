using MigrationHost.Databases;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>What <c>doctor</c> says of a folder that may be another tool's.</summary>
internal static class LayoutChecks
{
    private const int MostNames = 5;

    /// <summary>What can be seen in the files.</summary>
    /// <param name="layout">Whose folder it is.</param>
    /// <param name="set">What was read of it.</param>
    /// <param name="placeholders">The setting.</param>
    public static IEnumerable<DoctorCheck> Of(ToolLayout layout, MigrationSet set, IReadOnlyDictionary<string, string> placeholders)
    {
        yield return DoctorCheck.Ok("checksums", $"{layout.Tool} keeps {layout.Checksums}");
        if (placeholders.Count > 0)
            yield return DoctorCheck.Ok("placeholders", $"set: {Names(placeholders.Keys.Order(StringComparer.Ordinal))}");
        if (set.Migrations.Where(migration => migration.IsCode).Select(migration => migration.File).ToList() is { Count: > 0 } code)
        {
            yield return DoctorCheck.Ok(
                "code",
                $"{Count(code.Count, "migration")} in code ({Names(code)}): fine once applied, refused as long as pending");
        }
        var refused = set.Migrations.Where(migration => !migration.IsCode).SelectMany(migration => migration.Findings)
            .Where(finding => finding.WhilePending).ToList();
        if (refused is [var first, ..])
        {
            yield return DoctorCheck.Ok(
                "files",
                $"{Count(refused.Select(finding => finding.File).Distinct().Count(), "file")} refused as long as pending, the first: "
                    + $"{new ScriptProblem(first.File, first.Line, first.What)}");
        }
    }

    /// <summary>What the database shows.</summary>
    /// <param name="choice">What it was taken for.</param>
    /// <param name="ours">What our own table says.</param>
    /// <param name="tables">All tables but that one.</param>
    public static IReadOnlyList<DoctorCheck> Of(
        LayoutChoice choice, IReadOnlyCollection<HistoryEntry> ours, IReadOnlyList<ExistingTable> tables)
    {
        var owner = choice.Form == OwnHistory.Form && ours.Count > 0
            ? $"{choice.Place} is MigrationHost's own: {HistoryTable.Name} has rows" : choice.Reason;
        var others = ForeignHistories.Find(tables)
            .Where(history => !history.Table.Equals(choice.Form.Table, StringComparison.OrdinalIgnoreCase))
            .Select(history => $"the database also has a history of {history.Tool} ({history.Table}), which is left alone");
        return [.. (owner is null ? others : others.Prepend(owner)).Select(message => DoctorCheck.Ok("layout", message))];
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string Names(IEnumerable<string> names)
    {
        List<string> all = [.. names];
        return $"{string.Join(", ", all.Take(MostNames))}{(all.Count > MostNames ? ", …" : "")}";
    }
}
