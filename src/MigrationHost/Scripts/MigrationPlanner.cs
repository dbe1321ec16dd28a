namespace MigrationHost.Scripts;

/// <summary>Decides what is pending and what disagrees: a pure function of the files and the history.</summary>
internal static class MigrationPlanner
{
    /// <param name="set">What the source holds.</param>
    /// <param name="history">The rows of the history table, in any order.</param>
    /// <param name="target">The last migration to apply; null for all.</param>
    public static MigrationPlan Plan(MigrationSet set, IReadOnlyCollection<HistoryEntry> history, string? target = null)
    {
        var (scripts, order) = (set.Migrations, set.Order);
        var fileOf = scripts.ToDictionary(script => script.Version);
        var upTo = history.Where(entry => entry.AndAllBefore).MaxBy(entry => entry.Version, order);
        var each = upTo is null ? history : history
            .Where(entry => entry == upTo || order.Compare(entry.Version, upTo.Version) > 0)
            .SelectMany(entry => Each(entry, set));
        List<HistoryEntry> entries = [.. each.Select(entry => Described(entry, fileOf))];
        if (!IsSorted(entries, order))
            entries = [.. entries.OrderBy(entry => entry.Version, order)];
        var entryOf = entries.ToDictionary(entry => entry.Version);

        bool IsDueAgain(HistoryEntry entry) => fileOf.TryGetValue(entry.Version, out var file) && file.IsDueAgain(entry);
        var applied = entries.Where(entry => entry.State == HistoryState.Applied && !IsDueAgain(entry)).ToList();
        var unknown = applied.Where(entry => !fileOf.ContainsKey(entry.Version)).ToList();
        var changed = applied.Where(entry => fileOf.TryGetValue(entry.Version, out var file) && set.HasChanged(file, entry)).ToList();
        var pending = scripts.Where(script =>
            !entryOf.TryGetValue(script.Version, out var entry)
            || entry is { State: HistoryState.Started, IsUndoing: false }
            || script.IsDueAgain(entry)).ToList();

        var latest = set.Latest;
        var current = applied.LastOrDefault(entry => !set.IsRepeatable(entry.Version))?.Version;
        bool IsOlder(HistoryEntry entry) => latest is not null && order.Compare(entry.Version, latest) <= 0;
        bool IsOutOfOrder(Migration script) =>
            !set.RunsLate && !script.RunsLate && !script.Repeats
            && current is not null && order.Compare(script.Version, current) < 0 && !entryOf.ContainsKey(script.Version);
        List<Migration> toApply = [.. pending.Where(script => target is null || order.Compare(script.Version, target) <= 0)];

        return new MigrationPlan
        {
            Pending = toApply,
            Begins = entries.Count == 0,
            Problems =
            [
                .. target is not null && current is not null && order.Compare(target, current) < 0
                    ? [BelowCurrent(set.Place, target, current)]
                    : Array.Empty<ScriptProblem>(),
                .. set.MayChange ? [] : changed.Select(entry => Changed(fileOf[entry.Version], entry)),
                .. unknown.Where(entry => entry.IsBreaking).Select(entry => Breaking(set.Place, entry)),
                .. set.MayLack
                    ? []
                    : unknown.Where(entry => IsOlder(entry) && !entry.IsBreaking).Select(entry => Missing(set.Place, entry)),
                .. entries.Where(entry => entry.Mark is not null).Select(entry => Marked(set.Place, entry, fileOf)),
                .. pending.Where(IsOutOfOrder).Select(script => OutOfOrder(script, current!)),
                .. entries
                    .Where(entry => entry is { State: HistoryState.Started, HasBegun: true, IsUndoing: false })
                    .SelectMany(entry => Interrupted(set.Place, entry, fileOf)),
                .. ScriptFinding.ToProblems(Forbidding(set, toApply, begins: entries.Count == 0)),
            ],
            Undoing = [.. entries.Where(entry => entry.IsUndoing)],
            HalfUndone = [.. entries.Where(entry => entry.IsUndoing).Select(entry => HalfUndone(set.Place, entry))],
            Warnings =
            [
                .. set.Warnings,
                .. Warnings(set, [.. unknown.Where(entry => !IsOlder(entry))]),
                .. set.MayChange ? changed.Select(entry => ChangedUnseen(fileOf[entry.Version], entry)) : [],
                .. ScriptFinding.ToWarnings(Tolerated(set, pending, begins: entries.Count == 0)),
            ],
            View = new SchemaView
            {
                Current = current,
                Latest = latest,
                Applied = applied.Select(entry => entry.ToStatus()).ToArray(),
                Pending = pending.Select(script => new PendingMigration(script.Version, script.Description)
                {
                    StatementsDone = entryOf.GetValueOrDefault(script.Version) is { State: HistoryState.Started, HasBegun: true } begun
                        ? begun.StatementsDone ?? 0
                        : null,
                }).ToArray(),
                Unknown = [.. unknown.Select(entry => entry.ToStatus())],
                Changed = [.. changed.Select(entry => entry.ToStatus())],
            },
        };
    }

    // Most tables give their rows in the order in which they came.
    private static bool IsSorted(List<HistoryEntry> entries, IComparer<string> order)
    {
        for (var i = 1; i < entries.Count; i++)
        {
            if (order.Compare(entries[i - 1].Version, entries[i].Version) > 0)
                return false;
        }
        return true;
    }

    /// <summary>A history of one row says of every migration up to it that it is applied.</summary>
    private static HistoryEntry[] Each(HistoryEntry entry, MigrationSet set) => !entry.AndAllBefore ? [entry] :
    [
        .. from migration in set.Migrations
           where set.Order.Compare(migration.Version, entry.Version) < 0
           select new HistoryEntry { Version = migration.Version, Description = migration.Description, State = HistoryState.Applied },
        entry,
    ];

    // Not every history keeps descriptions.
    private static HistoryEntry Described(HistoryEntry entry, Dictionary<string, Migration> fileOf) =>
        entry.Description.Length == 0 && fileOf.TryGetValue(entry.Version, out var file)
            ? entry with { Description = file.Description }
            : entry;

    /// <remarks>Nobody's running service stops because something was found out about what it has applied: a folder is judged where the
    /// history begins, a file while it is pending.</remarks>
    private static IEnumerable<ScriptFinding> Forbidding(MigrationSet set, List<Migration> toApply, bool begins)
    {
        IReadOnlyList<ScriptFinding> folder = begins ? set.Findings : [];
        return folder.Concat(toApply.SelectMany(script => script.Findings).Where(finding => folder.All(said => said.Kind != finding.Kind)));
    }

    private static IEnumerable<ScriptFinding> Tolerated(MigrationSet set, List<Migration> pending, bool begins)
    {
        var isPending = pending.Select(script => script.Version).ToHashSet();
        var applied = set.Migrations.Where(script => script.Findings.Count > 0 && !isPending.Contains(script.Version));
        return begins ? [] : set.Findings.Concat(applied.SelectMany(script => script.Findings)).Where(finding => !finding.WhilePending);
    }

    private static ScriptProblem BelowCurrent(string folder, string target, string current) => new(folder, null,
        $"the target {target} is below version {current}, which is applied; migrate never undoes a migration")
    {
        Remedies = [$"'migrationhost down --to {target}' undoes what is above it."],
    };

    private static ScriptProblem Changed(Migration script, HistoryEntry entry) => new(script.File, null, script.Has(entry.Checksum!)
        ? $"was applied{entry.When} as '{entry.Description}'; give the file that name again"
        : $"has changed since it was applied{entry.When}; restore it and put the change into a new migration")
    {
        Remedies = ScriptProblem.RestoreOrAccept,
    };

    private static PlanWarning ChangedUnseen(Migration script, HistoryEntry entry) => new(
        $"{script.File}: has changed since it was applied{entry.When}; its tool does not look for that",
        "Restore it and put the change into a new migration.");

    private static ScriptProblem Marked(string place, HistoryEntry entry, Dictionary<string, Migration> fileOf) => new(
        fileOf.TryGetValue(entry.Version, out var script) ? script.File : place,
        null,
        $"was begun and not finished ({entry.Mark}): what it has done is not known. Look at the database, then say "
            + $"'migrationhost resolve {entry.Version} --applied' once all of it is done, or '--retry' once nothing of it is left")
    {
        Remedies = [],
    };

    private static ScriptProblem Breaking(string folder, HistoryEntry entry) => new(folder, null,
        $"version {entry.Version} ({entry.Description}) was applied{entry.When} and is marked breaking: a build without it must not run on "
            + "this database. Start a build that has it") { Remedies = [] };

    private static ScriptProblem Missing(string folder, HistoryEntry entry) => new(folder, null,
        $"version {entry.Version} ({entry.Description}) was applied{entry.When}, but its file is missing; restore it");

    private static ScriptProblem HalfUndone(string place, HistoryEntry entry) => new(place, null,
        $"version {entry.Version} ({entry.Description}) is being undone, and that was interrupted after "
            + $"{PlaceText.Statements(entry.StatementsDone ?? 0)}: 'migrationhost down' finishes it") { Remedies = [] };

    private static ScriptProblem OutOfOrder(Migration script, string current) => new(script.File, null,
        $"is out of order: version {current} is applied already; give the file a version above {current}");

    private static IEnumerable<ScriptProblem> Interrupted(string folder, HistoryEntry entry, Dictionary<string, Migration> fileOf)
    {
        if (!fileOf.ContainsKey(entry.Version))
            yield return new ScriptProblem(
                folder,
                null,
                $"version {entry.Version} ({entry.Description}) was interrupted after {PlaceText.Statements(entry.StatementsDone ?? 0)}, "
                    + $"and its file is missing; restore it, or run 'migrationhost resolve {entry.Version} --applied'") { Remedies = [] };
    }

    private static IEnumerable<PlanWarning> Warnings(MigrationSet set, IReadOnlyCollection<HistoryEntry> newer)
    {
        if (set.IsEmpty)
            yield return new PlanWarning($"{set.Place} has no {set.Noun}s", "Nothing to do if AllowEmpty is intended.");
        var versions = string.Join(", ", newer.Select(entry => entry.Version).Where(version => !set.IsRepeatable(version)));
        if (versions.Length > 0)
        {
            yield return new PlanWarning(
                $"the database is newer than these files: it has {versions} from a later release",
                "Nothing to do after a release was rolled back.");
        }
        foreach (var entry in newer.Where(entry => set.IsRepeatable(entry.Version)))
        {
            yield return new PlanWarning(
                $"{set.Place}: {entry.Version} was applied{entry.When} and has no file here; what it made is still in the database",
                "If it is no longer needed, a migration drops it.");
        }
    }
}
