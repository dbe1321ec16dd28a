namespace MigrationHost.Engines.Alembic;

/// <summary>Resolves what a target names: <c>head</c>, <c>heads</c>, a revision, the beginning of one, or a branch's <c>label@head</c>.</summary>
internal static class AlembicTarget
{
    /// <returns>The revisions to be at; or why the target is none.</returns>
    public static (IReadOnlyList<AlembicRevision> Revisions, string? Problem) Resolve(AlembicGraph graph, string target)
    {
        if (target is "heads")
            return (graph.Heads, null);
        if (target is "head")
        {
            return graph.Heads.Count <= 1 ? (graph.Heads, null)
                : ([], $"there are {graph.Heads.Count} heads: {string.Join(", ", graph.Heads.Select(head => $"{head.Id} ({head.File})"))}");
        }
        if (target is "base" || target.StartsWith('-') || target.StartsWith('+') || target.Contains(':', StringComparison.Ordinal) || HasStep(target))
            return ([], $"'{target}' is no fixed place to be at; name head, heads, a revision or label@head");
        if (target.Split('@') is [var label, "head" or "heads"])
            return OfBranch(graph, label);
        if (graph.Find(target) is { } exact)
            return ([exact], null);
        return graph.StartingWith(target) switch
        {
            [var one] => ([one], null),
            [] when OfBranch(graph, target) is { Problem: null } branch => branch,
            [] => ([], $"there is no revision {target}{NearestName.Suggest(target, [.. graph.All.Select(revision => revision.Id).Concat(["head", "heads"]).TakeLast(10)])}"),
            var several => ([], $"several revisions begin with {target}: {string.Join(", ", several.Select(revision => revision.Id))}"),
        };
    }

    private static (IReadOnlyList<AlembicRevision> Revisions, string? Problem) OfBranch(AlembicGraph graph, string label)
    {
        if (graph.All.FirstOrDefault(revision => revision.Id == label || revision.Labels.Contains(label, StringComparer.Ordinal)) is not { } start)
            return ([], $"there is no branch {label}");
        IReadOnlyList<AlembicRevision> heads = [.. graph.Heads.Where(head => graph.With([head.Id]).Contains(start.Id))];
        return heads.Count == 1 ? (heads, null) : ([], $"the branch {label} has {heads.Count} heads: {string.Join(", ", heads.Select(head => head.Id))}");
    }

    // "ae10+2" is two steps after ae10.
    private static bool HasStep(string target) => target.IndexOfAny(['+', '-']) > 0 && char.IsAsciiDigit(target[^1]) && target[(target.LastIndexOfAny(['+', '-']) + 1)..].All(char.IsAsciiDigit);
}
