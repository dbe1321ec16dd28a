namespace MigrationHost.Scripts;

/// <summary>Decides what is pending and what disagrees: a pure function of the files and the history.</summary>
internal static class MigrationPlanner
{
    /// <param name="set">What the folder holds.</param>
    /// <param name="history">The rows of the history table, in any order.</param>
    /// <param name="target">The highest version to apply; null for all.</param>
    public static MigrationPlan Plan(ScriptSet set, IReadOnlyCollection<HistoryEntry> history, MigrationVersion? target = null)
    {
        var scripts = set.Scripts;
        var entries = history.OrderBy(entry => entry.Version).ToList();
        var entryOf = entries.ToDictionary(entry => entry.Version);
        var fileOf = scripts.ToDictionary(script => script.Version);

        var applied = entries.Where(entry => entry.State == HistoryState.Applied).ToList();
        var unknown = applied.Where(entry => !fileOf.ContainsKey(entry.Version)).ToList();
        var changed = applied.Where(entry => fileOf.TryGetValue(entry.Version, out var file) && !file.Has(entry.Checksum)).ToList();
        var pending = scripts.Where(script => !entryOf.TryGetValue(script.Version, out var entry) || entry.State == HistoryState.Started).ToList();

        var latest = set.Latest;
        var current = applied.Count == 0 ? null : applied[^1].Version;
        List<MigrationScript> toApply = [.. pending.Where(script => target is null || script.Version <= target)];

        return new MigrationPlan
        {
            Pending = toApply,
            Begins = entries.Count == 0,
            Problems =
            [
                .. target < current ? [BelowCurrent(set.Folder, target!, current!)] : Array.Empty<ScriptProblem>(),
                .. changed.Select(entry => Changed(fileOf[entry.Version], entry)),
                .. unknown.Where(entry => entry.Version <= latest).Select(entry => Missing(set.Folder, entry)),
                .. pending.Where(script => script.Version < current && !entryOf.ContainsKey(script.Version)).Select(script => OutOfOrder(script, current!)),
                .. entries
                    .Where(entry => entry is { State: HistoryState.Started, HasBegun: true })
                    .SelectMany(entry => Interrupted(set.Folder, entry, fileOf)),
                .. ScriptFinding.ToProblems(Forbidding(set, toApply, begins: entries.Count == 0)),
            ],
            Warnings =
            [
                .. Warnings(set, unknown.Where(entry => !(entry.Version <= latest))),
                .. ScriptFinding.ToWarnings(Tolerated(set, scripts.Except(pending), begins: entries.Count == 0)),
            ],
            View = new SchemaView
            {
                Current = current?.ToString(),
                Latest = latest?.ToString(),
                Applied = applied.Select(entry => entry.ToStatus()).ToArray(),
                Pending = pending.Select(script => new PendingMigration(script.Version.ToString(), script.Description)).ToArray(),
                Unknown = [.. unknown.Select(entry => entry.ToStatus())],
                Changed = [.. changed.Select(entry => entry.ToStatus())],
            },
        };
    }

    /// <remarks>Nobody's running service stops because something was found out about what it has applied: a folder is judged where the
    /// history begins, a file while it is pending.</remarks>
    private static IEnumerable<ScriptFinding> Forbidding(ScriptSet set, List<MigrationScript> toApply, bool begins)
    {
        IReadOnlyList<ScriptFinding> folder = begins ? set.Findings : [];
        return folder.Concat(toApply.SelectMany(script => script.Findings).Where(finding => folder.All(said => said.Kind != finding.Kind)));
    }

    private static IEnumerable<ScriptFinding> Tolerated(ScriptSet set, IEnumerable<MigrationScript> applied, bool begins) =>
        begins ? [] : set.Findings.Concat(applied.SelectMany(script => script.Findings));

    private static ScriptProblem BelowCurrent(string folder, MigrationVersion target, MigrationVersion current) => new(folder, null,
        $"the target {target} is below version {current}, which is applied; migrate never undoes a migration");

    private static ScriptProblem Changed(MigrationScript script, HistoryEntry entry) => new(script.File, null,
        $"has changed since it was applied on {entry.AppliedAt:yyyy-MM-dd HH:mm:ss}Z; restore it and put the change into a new migration");

    private static ScriptProblem Missing(string folder, HistoryEntry entry) => new(folder, null,
        $"version {entry.Version} ({entry.Description}) was applied on {entry.AppliedAt:yyyy-MM-dd HH:mm:ss}Z, but its file is missing; restore it");

    private static ScriptProblem OutOfOrder(MigrationScript script, MigrationVersion current) => new(script.File, null,
        $"is out of order: version {current} is applied already; give the file a version above {current}");

    private static IEnumerable<ScriptProblem> Interrupted(string folder, HistoryEntry entry, Dictionary<MigrationVersion, MigrationScript> fileOf)
    {
        if (!fileOf.TryGetValue(entry.Version, out var script))
            yield return new ScriptProblem(folder, null, $"version {entry.Version} ({entry.Description}) was interrupted after {entry.StatementsDone} statements, and its file is missing; restore it, or say 'resolve {entry.Version} --applied'");
        else if (!script.Header.WithoutTransaction)
            yield return new ScriptProblem(script.File, 1, $"was begun with transaction=none and interrupted after {entry.StatementsDone} statements; keep that header, or say 'resolve {entry.Version} --retry' to run it from its first statement");
    }

    private static IEnumerable<PlanWarning> Warnings(ScriptSet set, IEnumerable<HistoryEntry> newer)
    {
        if (set.Scripts.Count == 0)
            yield return new PlanWarning($"{set.Folder} has no migration files", "Nothing to do while AllowEmpty is meant.");
        var versions = string.Join(", ", newer.Select(entry => entry.Version));
        if (versions.Length > 0)
        {
            yield return new PlanWarning(
                $"the database is newer than these files: it has {versions} from a later release",
                "Nothing to do after a release was rolled back.");
        }
    }
}
