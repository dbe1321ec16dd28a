namespace MigrationHost.Scripts;

/// <summary>What a migrations folder holds, before any history was read.</summary>
/// <param name="Folder">The folder as it is configured, for messages.</param>
/// <param name="FullPath">The folder that was read.</param>
internal sealed record ScriptSet(string Folder, string FullPath)
{
    /// <summary>The scripts in the order of their versions, none twice unless there are problems.</summary>
    public IReadOnlyList<MigrationScript> Scripts { get; init; } = [];

    /// <summary>What is wrong with files, whatever the history says. Where there are any, the scripts are not to be used.</summary>
    public IReadOnlyList<ScriptProblem> Problems { get; init; } = [];

    /// <summary>What forbids to begin with this folder, and says nothing against going on with it.</summary>
    public IReadOnlyList<ScriptFinding> Findings { get; init; } = [];

    public MigrationVersion? Latest => Scripts.Count == 0 ? null : Scripts[^1].Version;

    /// <summary>The version that somebody may have meant, in words.</summary>
    public string Nearest(MigrationVersion wanted) =>
        NearestName.Suggest($"{wanted}", [.. Scripts.Select(script => script.Version.ToString()).TakeLast(10)]);

    /// <summary>The problem of a folder that holds no migration.</summary>
    public ScriptProblem Empty => new(Folder, null,
        $"has no migration files (looked in {FullPath}). Mount or name the folder that has <version>_<description>.sql, "
            + "or set AllowEmpty: true if there are to be none");
}
