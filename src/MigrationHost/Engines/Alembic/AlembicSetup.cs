using MigrationHost.Scripts;

namespace MigrationHost.Engines.Alembic;

/// <summary>A project that was read and checked, and where its database is to be.</summary>
/// <param name="Project">The project.</param>
/// <param name="Target">The target as it is handed to Alembic.</param>
/// <param name="Targets">The revisions that it means.</param>
internal sealed record AlembicSetup(AlembicProject Project, string Target, IReadOnlyList<AlembicRevision> Targets)
{
    /// <summary>Reads and checks everything that can be before a database is touched.</summary>
    /// <param name="place">Where the project is.</param>
    /// <param name="target">The target.</param>
    /// <param name="own">Our database.</param>
    /// <param name="environment">The value of a variable in the tool's environment.</param>
    /// <exception cref="MigrationException">Something is wrong.</exception>
    public static AlembicSetup Read(AlembicPlace place, string target, AlembicOwnDatabase own, Func<string, string?> environment)
    {
        var project = AlembicProject.Read(place);
        ScriptProblem.ThrowIfAny(project.Problems, []);
        var (targets, problem) = AlembicTarget.Resolve(project.Graph, target);
        if (problem is not null)
            throw target == "head" ? AlembicErrors.SeveralHeads(project, problem) : AlembicErrors.Target(target, problem);
        var address = AlembicAddress.Find(project, environment);
        if (address.Problem is not null)
            throw AlembicErrors.NoAddress(address);
        if (own.Mismatch(address.Url, place.WorkingDirectoryPath, strictly: false) is { } mismatch)
            throw AlembicErrors.OtherDatabase(address, mismatch);
        return new AlembicSetup(project, target, targets);
    }

    /// <summary>Why Alembic tells nothing of its progress, as far as its files show; null where it should.</summary>
    public string? SilentBecause
    {
        get
        {
            if (Project.Env is { ConfiguresLogging: false } env)
                return $"{env.File} does not call fileConfig, so that nothing is logged";
            if (!Project.Ini.ConfiguresLogging)
                return $"{Project.Ini.File} has no section [loggers], so that nothing is logged";
            return Project.Ini.Find("logger_alembic", "level") is { } level && level.Text.ToUpperInvariant() is not ("INFO" or "DEBUG" or "NOTSET")
                ? $"{Project.Ini.File}:{level.Line} sets the logger alembic to {level.Text}"
                : null;
        }
    }

    /// <summary>Whether each revision is committed before the next begins: where the database has no transaction for it, or env.py says so.</summary>
    /// <param name="sqlite">Whether the database is SQLite.</param>
    public bool CommitsEach(bool sqlite) =>
        sqlite && Project.Env is { CommitsEachByItself: true } env && env.Configures.All(call => !call.TakesMore && !call.Named.ContainsKey("transactional_ddl"))
        || Project.Env?.Configures.Any(call => call.Named.TryGetValue("transaction_per_migration", out var each) && each is [{ Text: "True" }]) is true;
}
