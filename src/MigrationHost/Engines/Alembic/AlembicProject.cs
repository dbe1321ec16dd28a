using System.Text.Json.Serialization;
using MigrationHost.Scripts;

namespace MigrationHost.Engines.Alembic;

/// <summary>A project as Alembic itself sees it: the answer of ask.py. Paths are told from the content root.</summary>
/// <remarks>Setters, not init: the generated reader gives null to every init property that the document leaves out.</remarks>
internal sealed record AlembicProject
{
    private Dictionary<string, AlembicRevision>? _byId;

    public string? Python { get; set; }

    public string? Alembic { get; set; }

    [JsonPropertyName("sqlalchemy")]
    public string? SqlAlchemy { get; set; }

    /// <summary>Python ended with an error, which it has written; everything else may be missing.</summary>
    public bool Failed { get; set; }

    public string EnvFile { get; set; } = "";

    /// <summary>What env.py shows without being run: for advice, and for the names that stand nowhere else.</summary>
    public AlembicEnv Env { get; set; } = new();

    /// <summary>The line of env.py on which one run migrates several databases; null if it migrates one.</summary>
    public int? Several { get; set; }

    public AlembicAddress Address { get; set; } = new();

    /// <summary>Whether the configuration has a section for <c>fileConfig</c>.</summary>
    public bool Logs { get; set; }

    /// <summary>The level of the logger <c>alembic</c>; null if it is not set.</summary>
    public string? LogLevel { get; set; }

    /// <summary>The folders with revisions.</summary>
    public IReadOnlyList<string> Folders { get; set; } = [];

    /// <summary>The files and folders that the answer depends on, as full paths.</summary>
    public IReadOnlyList<string> Files { get; set; } = [];

    /// <summary>What does not fit together in the revisions; then there is no order.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; set; } = [];

    /// <summary>All revisions, in the order in which Alembic runs them.</summary>
    public IReadOnlyList<AlembicRevision> Revisions { get; set; } = [];

    public IReadOnlyList<string> Heads { get; set; } = [];

    /// <summary>The revisions that the target means.</summary>
    public IReadOnlyList<string> Targets { get; set; } = [];

    /// <summary>What an upgrade to the target would run, in Alembic's order, from the revisions that were asked for.</summary>
    public IReadOnlyList<string> Plan { get; set; } = [];

    /// <summary>Why the target is none, in Alembic's words; null if it is one.</summary>
    public string? TargetProblem { get; set; }

    /// <summary>Whether the target is none because there are several heads.</summary>
    public bool SeveralHeads { get; set; }

    public AlembicVersions Versions => AlembicVersions.Read(Python, Alembic, SqlAlchemy);

    public AlembicRevision? Find(string id) =>
        (_byId ??= Revisions.ToDictionary(revision => revision.Id, StringComparer.Ordinal)).GetValueOrDefault(id);

    /// <summary>These revisions and all that come before them.</summary>
    public HashSet<string> With(IEnumerable<string> ids)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(ids);
        while (open.TryPop(out var id))
        {
            if (!found.Add(id))
                continue;
            foreach (var before in Find(id)!.After)
                open.Push(before);
        }
        return found;
    }

    /// <summary>Why Alembic reports nothing of its progress, as far as its files show; null if it should.</summary>
    public string? SilentBecause(string config) =>
        !Env.ConfiguresLogging ? $"{EnvFile} does not call fileConfig, so nothing is logged"
        : !Logs ? $"{config} has no section [loggers], so nothing is logged"
        : LogLevel is { } level && level.ToUpperInvariant() is not ("INFO" or "DEBUG" or "NOTSET")
            ? $"{config} sets the logger alembic to {level}"
        : null;
}
