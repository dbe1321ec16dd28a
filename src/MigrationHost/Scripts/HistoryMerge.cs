namespace MigrationHost.Scripts;

/// <summary>Puts together what a form and the journal beside it say.</summary>
internal static class HistoryMerge
{
    /// <param name="form">The form.</param>
    /// <param name="kept">What it says.</param>
    /// <param name="journal">What the journal says.</param>
    /// <remarks>A migration that the form has as applied is applied: its tool, or somebody with it, has done the rest of what the journal
    /// says was begun. And what the form would have marked, and has not, is no longer under way.</remarks>
    public static List<HistoryEntry> Of(IHistoryForm form, IEnumerable<HistoryEntry> kept, IEnumerable<HistoryEntry> journal)
    {
        List<HistoryEntry> entries = [.. kept];
        var begun = journal.Where(entry => entry.State == HistoryState.Started).ToDictionary(entry => entry.Version);
        var known = entries.Select(entry => entry.Version).ToHashSet();
        var alone = begun.Values.Where(entry => !known.Contains(entry.Version) && !(form.MarksBegun && entry.HasBegun));
        return
        [
            .. entries.Select(entry => entry.Mark is not null && begun.TryGetValue(entry.Version, out var ours)
                ? ours with { AndAllBefore = entry.AndAllBefore }
                : entry),
            .. alone,
        ];
    }

    /// <summary>Whether the form itself has an entry, beside what the journal has.</summary>
    public static bool Keeps(IHistoryForm form, HistoryEntry entry) =>
        form.Journal is null || entry.State == HistoryState.Applied || form.MarksBegun && entry.HasBegun;
}
