namespace MigrationHost.Scripts;

/// <summary>Decides what is pending and what disagrees: a pure function of the files and the history.</summary>
internal static class MigrationPlanner
{
    /// <param name="folder">The migrations folder as it is configured, for messages.</param>
    /// <param name="scripts">The files, in the order of their versions, none twice.</param>
    /// <param name="history">The rows of the history table, in any order.</param>
    /// <param name="target">The highest version to apply; null for all.</param>
    public static MigrationPlan Plan(
        string folder,
        IReadOnlyList<MigrationScript> scripts,
        IReadOnlyCollection<HistoryEntry> history,
        MigrationVersion? target = null)
    {
        var entries = history.OrderBy(entry => entry.Version).ToList();
        var entryOf = entries.ToDictionary(entry => entry.Version);
        var fileOf = scripts.ToDictionary(script => script.Version);

        var applied = entries.Where(entry => entry.State == HistoryState.Applied).ToList();
        var unknown = applied.Where(entry => !fileOf.ContainsKey(entry.Version)).ToList();
        var changed = applied.Where(entry => fileOf.TryGetValue(entry.Version, out var file) && file.Checksum != entry.Checksum).ToList();
        var pending = scripts.Where(script => !entryOf.TryGetValue(script.Version, out var entry) || entry.State == HistoryState.Started).ToList();

        var latest = scripts.Count == 0 ? null : scripts[^1].Version;
        var current = applied.Count == 0 ? null : applied[^1].Version;

        return new MigrationPlan
        {
            Pending = [.. pending.Where(script => target is null || script.Version <= target)],
            Problems =
            [
                .. changed.Select(entry => Changed(fileOf[entry.Version], entry)),
                .. unknown.Where(entry => entry.Version <= latest).Select(entry => Missing(folder, entry)),
                .. pending.Where(script => script.Version < current && !entryOf.ContainsKey(script.Version)).Select(script => OutOfOrder(script, current!)),
                .. entries.Where(entry => entry.State == HistoryState.Started).SelectMany(entry => Interrupted(folder, entry, fileOf)),
            ],
            Warnings = [.. Warnings(folder, scripts, unknown.Where(entry => !(entry.Version <= latest)), current, target)],
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

    private static ScriptProblem Changed(MigrationScript script, HistoryEntry entry) => new(script.File, null,
        $"has changed since it was applied on {entry.AppliedAt:yyyy-MM-dd HH:mm:ss}Z; restore it and put the change into a new migration");

    private static ScriptProblem Missing(string folder, HistoryEntry entry) => new(folder, null,
        $"version {entry.Version} ({entry.Description}) was applied on {entry.AppliedAt:yyyy-MM-dd HH:mm:ss}Z, but its file is missing; restore it");

    private static ScriptProblem OutOfOrder(MigrationScript script, MigrationVersion current) => new(script.File, null,
        $"comes out of order: version {current} is applied already; give the file a version above {current}");

    private static IEnumerable<ScriptProblem> Interrupted(string folder, HistoryEntry entry, Dictionary<MigrationVersion, MigrationScript> fileOf)
    {
        if (!fileOf.TryGetValue(entry.Version, out var script))
            yield return new ScriptProblem(folder, null, $"version {entry.Version} ({entry.Description}) was interrupted after {entry.StatementsDone} statements, and its file is missing; restore it, or say 'resolve {entry.Version} --applied'");
        else if (!script.Header.WithoutTransaction)
            yield return new ScriptProblem(script.File, 1, $"was begun with transaction=none and interrupted after {entry.StatementsDone} statements; keep that header, or say 'resolve {entry.Version} --retry' to run it from its first statement");
    }

    private static IEnumerable<string> Warnings(
        string folder,
        IReadOnlyList<MigrationScript> scripts,
        IEnumerable<HistoryEntry> newer,
        MigrationVersion? current,
        MigrationVersion? target)
    {
        if (scripts.Count == 0)
            yield return $"{folder} has no migration files";
        var versions = string.Join(", ", newer.Select(entry => entry.Version));
        if (versions.Length > 0)
            yield return $"the database is newer than these files: it has {versions} from a later release";
        if (target < current)
            yield return $"the target {target} is below the current version {current}; migrations are never undone";
    }
}
