using MigrationHost.Scripts;

namespace MigrationHost.Engines.Alembic;

/// <summary>The revisions of a project and how they follow one another: a pure function of the files.</summary>
internal sealed class AlembicGraph
{
    private readonly Dictionary<string, AlembicRevision> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _place = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _before = new(StringComparer.Ordinal);

    private AlembicGraph(IReadOnlyList<AlembicRevision> revisions)
    {
        foreach (var revision in revisions)
        {
            if (_byId.TryAdd(revision.Id, revision))
                _place[revision.Id] = _place.Count;
        }
        All = [.. revisions.Where(revision => _byId[revision.Id] == revision)];
        var followed = All.SelectMany(revision => revision.Down).ToHashSet(StringComparer.Ordinal);
        Heads = [.. All.Where(revision => !followed.Contains(revision.Id))];
    }

    /// <summary>All revisions, in the order in which their files were found.</summary>
    public IReadOnlyList<AlembicRevision> All { get; }

    /// <summary>The revisions that none follows.</summary>
    public IReadOnlyList<AlembicRevision> Heads { get; }

    public AlembicRevision? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Puts the revisions together and collects what does not fit.</summary>
    /// <param name="revisions">In the order in which Alembic finds the files: between branches it decides which comes first.</param>
    /// <param name="problems">Takes missing revisions, ids used twice, circles.</param>
    public static AlembicGraph Build(IReadOnlyList<AlembicRevision> revisions, List<ScriptProblem> problems)
    {
        var graph = new AlembicGraph(revisions);
        foreach (var twice in revisions.Where(revision => graph._byId[revision.Id] != revision))
            problems.Add(new ScriptProblem(twice.File, null, $"revision {twice.Id} is declared twice, also in {graph._byId[twice.Id].File}; give one of them an id of its own"));
        foreach (var revision in graph.All)
            graph._before[revision.Id] = graph.Before(revision, problems);
        if (problems.Count == 0 && graph.InCircle() is { } circle)
            problems.Add(new ScriptProblem(circle.File, circle.DownLine, $"revision {circle.Id} follows itself in a circle; correct down_revision or depends_on"));
        return graph;
    }

    /// <summary>These revisions and all that come before them.</summary>
    public HashSet<string> With(IEnumerable<string> ids)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(ids);
        while (open.TryPop(out var id))
        {
            if (!found.Add(id))
                continue;
            foreach (var before in _before[id])
                open.Push(before);
        }
        return found;
    }

    /// <summary>Puts revisions into the order in which Alembic runs them.</summary>
    /// <remarks>Alembic's own walk, from the heads down, then turned round: for branches that run side by side it keeps the order of Alembic's log.</remarks>
    public IReadOnlyList<AlembicRevision> InOrder(IReadOnlySet<string> ids)
    {
        var todo = new HashSet<string>(ids, StringComparer.Ordinal);
        var followed = ids.SelectMany(id => _before[id]).ToHashSet(StringComparer.Ordinal);
        var heads = ids.Where(id => !followed.Contains(id)).OrderBy(id => _place[id]).ToList();
        var below = heads.ConvertAll(head => With([head]));
        var output = new List<AlembicRevision>();
        var at = 0;
        while (heads.Count > 0)
        {
            var candidate = heads[at];
            if (below.FindIndex(set => set != below[at] && set.Contains(candidate)) is >= 0 and var first)
            {
                at = first;
                continue;
            }
            if (todo.Remove(candidate))
                output.Add(_byId[candidate]);
            List<string> next = [.. _before[candidate].Where(id => todo.Contains(id) && !heads.Contains(id))];
            if (next.Count == 0)
            {
                heads.RemoveAt(at);
                below.RemoveAt(at);
                at = Math.Max(at - 1, 0);
                continue;
            }
            heads[at] = next[0];
            if (_before[candidate].Count == 1)
                below[at].Remove(candidate);
            else
                below[at] = With([next[0]]);
            heads.AddRange(next[1..]);
            below.AddRange(next[1..].Select(id => With([id])));
        }
        output.Reverse();
        return output;
    }

    // Takes away whatever follows nothing that is left; what cannot be taken away is in a circle or above one.
    private AlembicRevision? InCircle()
    {
        var missing = All.ToDictionary(revision => revision.Id, revision => _before[revision.Id].Count);
        var after = All.SelectMany(revision => _before[revision.Id], (revision, before) => (before, revision.Id)).ToLookup(pair => pair.before, pair => pair.Id);
        var free = new Queue<string>(missing.Where(pair => pair.Value == 0).Select(pair => pair.Key));
        while (free.TryDequeue(out var id))
        {
            missing.Remove(id);
            foreach (var next in after[id])
            {
                if (--missing[next] == 0)
                    free.Enqueue(next);
            }
        }
        return All.FirstOrDefault(revision => missing.ContainsKey(revision.Id));
    }

    // A dependency may be written as a branch label.
    private List<string> Before(AlembicRevision revision, List<ScriptProblem> problems)
    {
        var before = new List<string>();
        foreach (var (name, id) in revision.Down.Select(id => (id, Find(id)?.Id)).Concat(revision.DependsOn.Select(name => (name, Named(name)))))
        {
            if (id is null)
                problems.Add(new ScriptProblem(revision.File, revision.DownLine, $"revision {revision.Id} follows {name}, but no file declares it; restore that file, or correct down_revision or depends_on"));
            else if (!before.Contains(id))
                before.Add(id);
        }
        return before;
    }

    private string? Named(string name) =>
        (Find(name) ?? All.FirstOrDefault(revision => revision.Labels.Contains(name, StringComparer.Ordinal)) ?? (StartingWith(name) is [var only] ? only : null))?.Id;

    /// <summary>The revisions whose id begins like this.</summary>
    public IReadOnlyList<AlembicRevision> StartingWith(string part) => [.. All.Where(revision => revision.Id.StartsWith(part, StringComparison.Ordinal))];
}
